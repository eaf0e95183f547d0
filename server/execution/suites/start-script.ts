/**
 * `start.cjs` of a run's folder: the process of the suite's own Playwright. It makes a folder of browsers with the layout that this
 * version looks for, and then is Playwright's command line, so that the pipe of the reporter is its own.
 */
export const startScript = String.raw`
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const home = path.join(__dirname, 'home');
const root = path.join(home, 'suite');
const { dir, args, hasMade, browsers } = JSON.parse(fs.readFileSync(path.join(__dirname, 'start.json'), 'utf8'));
const folder = path.join(root, dir);

function end(message) {
  console.error(message);
  process.exit(1);
}

/** The folder of an installed package, as modules in the other folder find it. */
function packageIn(from, name) {
  try {
    return path.dirname(createRequire(path.join(from, 'package.json')).resolve(name + '/package.json'));
  } catch {
    return undefined;
  }
}

if (hasMade && spawnSync('tar', ['-x', '-C', root], { stdio: ['inherit', 2, 2] }).status !== 0)
  end('What the install has made cannot be unpacked.');
process.chdir(folder);
const testDir = packageIn(folder, '@playwright/test') ?? packageIn(folder, 'playwright');
if (testDir === undefined) end('Playwright is not among the packages of the suite: add @playwright/test to its package.json and lock file.');
const playwrightDir = packageIn(testDir, 'playwright') ?? testDir;
const coreDir = packageIn(playwrightDir, 'playwright-core');
if (coreDir === undefined) end('The suite has a Playwright without playwright-core.');

/** Programs by the names that versions from 1.42 on look for, on each platform. */
const programs = {
  chromium: ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-linux-arm64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium'],
  'chromium-headless-shell': [
    'chrome-linux/headless_shell',
    'chrome-headless-shell-linux64/chrome-headless-shell',
    'chrome-headless-shell-linux-arm64/chrome-headless-shell',
    'chrome-mac/headless_shell',
  ],
  ffmpeg: ['ffmpeg-linux', 'ffmpeg-mac'],
};

/** Links to the version's own browsers where they are installed, else to the programs of the worker. Returns the names of browsers. */
function makeBrowsers(target) {
  const available = [];
  const { browsers: known } = JSON.parse(fs.readFileSync(path.join(coreDir, 'browsers.json'), 'utf8'));
  for (const { name, revision } of known) {
    const own = name.replaceAll('-', '_') + '-' + revision;
    const to = path.join(target, own);
    const installed = browsers.registries.map((registry) => path.join(registry, own)).find((it) => fs.existsSync(path.join(it, 'INSTALLATION_COMPLETE')));
    const program = browsers.programs[name === 'chromium-headless-shell' ? 'chromium' : name];
    if (installed) fs.symlinkSync(installed, to);
    else if (program && programs[name])
      for (const file of programs[name]) {
        fs.mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
        fs.symlinkSync(program, path.join(to, file));
        for (const marker of ['INSTALLATION_COMPLETE', 'DEPENDENCIES_VALIDATED']) fs.writeFileSync(path.join(to, marker), '');
      }
    else continue;
    available.push(name);
  }
  return available;
}

const target = path.join(home, '.runlight/browsers');
fs.mkdirSync(target, { recursive: true });
const available = makeBrowsers(target);
process.env.PLAYWRIGHT_BROWSERS_PATH = target;
process.env.RUNLIGHT_BROWSERS = JSON.stringify({ available, worker: browsers.worker });

const cli = path.join(testDir, 'cli.js');
process.argv = [process.argv[0], cli, 'test', ...args];
require(cli);
`;
