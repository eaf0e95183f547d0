/**
 * `start.cjs` of a run's folder: the process of the suite's own Playwright. It makes a folder of browsers with the layout that this
 * version looks for, and then is Playwright's command line, so that the pipe of the reporter is its own.
 */
export const startScript = String.raw`
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { find } = require('./find-playwright.cjs');
const { root } = require('./unpack.cjs');

const { args, hasMade, browsers } = JSON.parse(fs.readFileSync(path.join(__dirname, 'start.json'), 'utf8'));

function end(message) {
  console.error(message);
  process.exit(1);
}

if (hasMade && spawnSync('tar', ['-x', '-C', root], { stdio: ['inherit', 2, 2] }).status !== 0)
  end('What the install has made cannot be unpacked.');
const playwright = findPlaywright();
process.chdir(playwright.folder);

function findPlaywright() {
  try {
    return find();
  } catch (error) {
    end(error.message);
  }
}

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

/** Links to the version's own browsers where they are installed, else to the programs of the worker. Says which ones there are. */
function makeBrowsers(target) {
  const available = [];
  let noVideo;
  for (const { name, folders } of playwright.browsers) {
    const program = browsers.programs[name === 'chromium-headless-shell' ? 'chromium' : name];
    const installed = folders.filter((folder) => linkInstalled(folder, target));
    if (installed.length === 0 && program && programs[name]) linkProgram(program, programs[name], path.join(target, folders[0]));
    else if (installed.length === 0) {
      if (name === 'ffmpeg') noVideo = makeNoVideo(path.join(target, folders[0]));
      continue;
    }
    available.push(name);
  }
  return { available, noVideo };
}

/** In the place of FFmpeg, so that tests run: it takes the pictures and makes no video. Returns the file that it leaves. */
function makeNoVideo(folder) {
  fs.mkdirSync(folder);
  for (const file of programs.ffmpeg)
    fs.writeFileSync(path.join(folder, file), '#!/bin/sh\n: > "$(dirname "$0")/asked"\nexec cat > /dev/null\n', { mode: 0o755 });
  return path.join(folder, 'asked');
}

function linkInstalled(folder, target) {
  const places = browsers.registries.map((registry) => path.join(registry, folder));
  const installed = places.find((it) => fs.existsSync(path.join(it, 'INSTALLATION_COMPLETE')));
  if (installed) fs.symlinkSync(installed, path.join(target, folder));
  return installed !== undefined;
}

function linkProgram(program, files, to) {
  for (const file of files) {
    fs.mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
    fs.symlinkSync(program, path.join(to, file));
  }
  for (const marker of ['INSTALLATION_COMPLETE', 'DEPENDENCIES_VALIDATED']) fs.writeFileSync(path.join(to, marker), '');
}

const target = path.join(__dirname, 'home/.runlight/browsers');
fs.mkdirSync(target, { recursive: true });
process.env.PLAYWRIGHT_BROWSERS_PATH = target;
process.env.RUNLIGHT_BROWSERS = JSON.stringify({ ...makeBrowsers(target), worker: browsers.worker });

const cli = path.join(playwright.testDir, 'cli.js');
process.argv = [process.argv[0], cli, 'test', ...args];
require(cli);
`;
