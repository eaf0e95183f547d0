/**
 * `browsers.cjs` of a run's folder: which browsers a run has, and the sentence for those it does not have. Loaded by the guard in
 * each process that evaluates scripts.
 *
 * `test.use({ launchOptions })` replaces the launch options of the configuration as a whole. So the programs stand in Playwright's
 * registry, where Playwright looks for what a script does not name itself.
 */
export const browsersScript = String.raw`
const fs = require('node:fs');
const path = require('node:path');

const { browsers, scripts } = JSON.parse(fs.readFileSync(path.join(__dirname, 'run.json'), 'utf8'));
const labels = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit', chrome: 'Google Chrome', msedge: 'Microsoft Edge' };
const labelOf = (name) => labels[name] ?? JSON.stringify(name);
/** Other names for the Chromium of the run. */
const chromiumNames = new Set(['chromium', 'chromium-headless-shell', 'chrome-for-testing']);
const keyOf = (name) => (chromiumNames.has(name) ? 'chromium' : name);
const present = Object.keys(browsers.executables).filter((name) => name in labels).map(labelOf).join(' and ');

/** Why a browser cannot be used; undefined if it can. */
function missing(name, who = 'This test') {
  if (browsers.executables[keyOf(name)] !== undefined) return undefined;
  if (present === '') return browsers.none;
  return who + ' needs ' + labelOf(name) + ', and this worker has ' + present + ' only: run "npx playwright install ' + name + '" on the worker, or choose another browser.';
}

/** Names the programs of this run in Playwright's registry. */
exports.equipRegistry = (registry, onNoVideo) => {
  registry.validateHostRequirementsForExecutablesIfNeeded = async () => {};
  for (const entry of registry.executables()) {
    if (entry.name === 'ffmpeg') {
      entry.executablePathOrDie = () => {
        if (browsers.executables.ffmpeg !== undefined) return browsers.executables.ffmpeg;
        onNoVideo();
        // It takes no pictures and makes no file. Playwright attaches no video then.
        return browsers.noVideo;
      };
    } else if (entry.browserName !== undefined) {
      const file = browsers.executables[keyOf(entry.name)];
      entry.executablePath = () => file;
      entry.executablePathOrDie = () => {
        if (file === undefined) throw new Error(missing(entry.name));
        return file;
      };
    }
  }
};

/**
 * Calls onMissing for each script, while it is loaded, of which a case needs a browser that is not there. So such a script is
 * refused before it runs.
 */
exports.watchPools = ({ poolBuilder, fixtures }, onMissing) => {
  const build = poolBuilder.PoolBuilder.prototype.buildPools;
  poolBuilder.PoolBuilder.prototype.buildPools = function (suite, ...rest) {
    const result = build.call(this, suite, ...rest);
    const script = scripts.find(({ files }) => files.includes(suite._requireFile));
    if (script === undefined) return result;
    for (const test of suite.allTests()) {
      if (test.expectedStatus === 'skipped') continue;
      const pool = this._buildPoolForTest(test);
      const message = missing(browserOf(pool, script.use), JSON.stringify(script.name));
      if (message === undefined || !usesBrowser(pool, test, fixtures)) continue;
      onMissing({ file: suite._requireFile, message, line: test.location.line, column: test.location.column });
      break;
    }
    return result;
  };
};

/** The name of the browser or channel of a case. The settings of the script's project count where the script says nothing. */
function browserOf(pool, use) {
  const given = (name) => {
    const registration = pool.resolve(name);
    const isBase = registration?.super === undefined;
    return isBase ? use[name] : typeof registration.fn === 'function' ? undefined : registration.fn;
  };
  return given('channel') ?? given('launchOptions')?.channel ?? given('browserName') ?? given('defaultBrowserType') ?? 'chromium';
}

/** Whether a case, its hooks or a fixture of theirs needs the browser fixture. */
function usesBrowser(pool, test, { fixtureParameterNames }) {
  const names = (fn, location) => fixtureParameterNames(fn, location, () => {});
  const open = names(test.fn, test.location);
  for (let suite = test.parent; suite; suite = suite.parent)
    for (const { fn, location } of [...suite._hooks, ...suite._modifiers]) open.push(...names(fn, location));
  for (const { name } of pool.autoFixtures()) open.push(name);
  const seen = new Set();
  while (open.length > 0) {
    const name = open.pop();
    if (name === 'browser') return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(pool.resolve(name)?.deps ?? []));
  }
  return false;
}
`;
