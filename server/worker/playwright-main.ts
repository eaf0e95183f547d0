/**
 * The program of the process that runs Playwright, written beside the specs so that it loads the same `playwright`.
 *
 * It exists because `playwright test` evaluates spec files in the process that also holds the reporters: a script could
 * then end, block or forge the verdict. Playwright's own `TestRunner` (what its VS Code extension uses) loads them in a
 * process of their own instead, and goes on with the other files when one does not load. That process is started
 * before Playwright itself is loaded, which hides its cost.
 *
 * `require('playwright/lib/…')` is not covered by semantic versioning: see the tests before moving to another minor.
 */
export const mainScript = String.raw`
const childProcess = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

// The worker is gone: nobody would end this group otherwise.
process.on('disconnect', () => process.kill(0, 'SIGKILL'));
// Node would open its debugger, through which a script could speak in the name of this process.
process.on('SIGUSR1', () => {});

const outputDir = path.join(__dirname, 'output');

/** What scripts attach is read and copied by the reporters of this process: regular files of the run, and nothing else. */
function isOwnFile(file) {
  try {
    const isInside = fs.realpathSync(file) === path.resolve(file) && path.resolve(file).startsWith(outputDir + path.sep);
    return isInside && fs.lstatSync(file).isFile();
  } catch {
    return false;
  }
}

/** Stands between the processes that evaluate scripts and Playwright. */
function guard(child) {
  const emit = child.emit;
  child.emit = (event, ...args) => {
    const { method, params } = (event === 'message' && args[0]?.params) || {};
    if (method === 'attach' && params?.path !== undefined && !isOwnFile(String(params.path))) return true;
    return emit.call(child, event, ...args);
  };
  return child;
}

const fork = childProcess.fork;
const loaderPath = path.join(path.dirname(require.resolve('playwright/package.json')), 'lib/loader/loaderProcessEntry.js');
// Our own output is Playwright's terminal reporter, which nobody reads; what is said on stderr matters if loading fails.
const loader = guard(fork(loaderPath, { stdio: ['ignore', 2, 2, 'ipc'] }));
const loaderReady = new Promise((resolve) => loader.once('message', resolve));
const loaderSend = loader.send;
let loadingFile;
let isLoaded = false;
loader.send = (message, ...rest) => {
  if (message.method === '__stop__') isLoaded = true;
  else if (message.params?.method === 'loadTestFile') loadingFile = message.params.params.file;
  return loaderSend.call(loader, message, ...rest);
};
loader.once('exit', (code, signal) => {
  // Playwright would wait for ever for the answer of a loader that a script has ended.
  if (!isLoaded && !isStopping) end({ kind: 'loader-exit', file: loadingFile, code, signal }, 1);
});
const children = new Set([loader]);
childProcess.fork = (script, options) => {
  if (script === loaderPath) {
    void loaderReady.then((message) => loader.emit('message', message));
    return loader;
  }
  const child = guard(fork(script, options));
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
};

let isStopping = false;
function end(message, code) {
  process.send(message, () => process.exit(code));
}

const { testRunner } = require('playwright/lib/runner');

async function main() {
  const { specsDir, config, reporter, reporterOptions } = JSON.parse(fs.readFileSync(path.join(__dirname, 'run.json'), 'utf8'));
  const { default: Reporter } = await load(reporter);
  // No configuration file: Playwright would compile it, in every process again.
  const runner = new testRunner.TestRunner({ configDir: specsDir }, config);
  process.on('message', ({ killAfterMs }) => {
    if (isStopping) return;
    isStopping = true;
    void runner.stopTests();
    // Before tests have begun there is nothing to stop: ask again.
    setInterval(() => runner.stopTests(), 100).unref();
    // A script in an endless loop cannot be asked; without it, Playwright can still write its report.
    setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), killAfterMs).unref();
  });
  await runner.initialize({});
  if (isStopping) return end({ kind: 'end', status: 'interrupted' }, 1);
  const { status } = await runner.runTests(new Reporter(reporterOptions), { reporters: [], failOnLoadErrors: false });
  end({ kind: 'end', status }, status === 'passed' ? 0 : 1);
}

function load(file) {
  // Only development has a reporter that must be compiled.
  if (file.endsWith('.mts')) return require('playwright/lib/common').transform.requireOrImport(file);
  return import(file);
}

void main();
`;
