/**
 * `find-playwright.cjs` of a run's folder: finds the suite's own Playwright, where the packages are. As a program, it says as JSON on
 * descriptor 3 which one that is (`SuitePlaywright`).
 */
export const findPlaywrightScript = String.raw`
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { root, run } = require('./unpack.cjs');

const { dir } = JSON.parse(fs.readFileSync(path.join(__dirname, 'suite.json'), 'utf8'));
const readJson = (...names) => JSON.parse(fs.readFileSync(path.join(...names), 'utf8'));

/** The folder of an installed package, as modules in the other folder find it. */
function packageIn(from, name) {
  try {
    return path.dirname(createRequire(path.join(from, 'package.json')).resolve(name + '/package.json'));
  } catch {
    return undefined;
  }
}

function find() {
  const folder = path.join(root, dir);
  const testDir = packageIn(folder, '@playwright/test') ?? packageIn(folder, 'playwright');
  if (testDir === undefined)
    throw new Error('Playwright is not among the packages of the suite: add @playwright/test to its package.json and lock file.');
  const playwrightDir = packageIn(testDir, 'playwright') ?? testDir;
  const coreDir = packageIn(playwrightDir, 'playwright-core');
  if (coreDir === undefined) throw new Error('The suite has a Playwright without playwright-core.');
  const { browsers } = readJson(coreDir, 'browsers.json');
  return { folder, testDir, version: readJson(coreDir, 'package.json').version, browsers: browsers.map(describe) };
}

/** A browser with the names that its folder has: on some systems, it is one of another revision. */
function describe({ name, revision, revisionOverrides = {} }) {
  const others = Object.entries(revisionOverrides).map(([platform, other]) => name + '_' + platform + '_special-' + other);
  const dashless = (folder) => folder.replace(/-(?=.*-)/g, '_');
  return { name, folders: [name + '-' + revision, ...others].map(dashless) };
}

exports.find = find;
if (require.main === module)
  run(() => {
    const { version, browsers } = find();
    return { version, browsers };
  });
`;
