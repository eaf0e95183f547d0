import { maybeText } from '#shared/playwright/content-types.ts';
import { ownStorage } from '#shared/playwright/report-page.ts';

/**
 * `main.cjs` of a run's folder: the program of the process that runs Playwright. It is written to the folder so that it loads the
 * same `playwright` as the specs.
 *
 * `playwright test` evaluates spec files in the process of the reporters, where a script could end the process, block it or forge
 * results. Playwright's `TestRunner`, which its VS Code extension uses, loads them in a separate process, and continues with the
 * other files if one does not load. That process is started before Playwright itself is loaded, which saves time.
 *
 * Messages of those processes are signed (see `guard-script.ts`). They are checked and redacted here before anything else reads
 * them.
 *
 * `require('playwright/lib/…')` is not covered by semantic versioning: run the tests before an upgrade to another minor.
 */
export const mainScript = String.raw`
const childProcess = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
require('./code.cjs').useCompiledCode('main');
const { openSnapshots } = require('./snapshots.cjs');

// The worker has ended, so this process group has to kill itself.
process.on('disconnect', () => process.kill(0, 'SIGKILL'));
// By default, Node would open its debugger, with which a script could control this process.
process.on('SIGUSR1', () => {});

const outputDir = path.join(__dirname, 'output');
/** See ProcessFacts in reporter/messages.ts. */
let choose;
const facts = { ending: undefined, exits: new Map(), folderOf, chosen: new Promise((resolve) => (choose = resolve)) };
const { location, config, projects, scripts, reporter, reporterOptions } = JSON.parse(fs.readFileSync(path.join(__dirname, 'run.json'), 'utf8'));
const loaderPath = path.join(path.dirname(require.resolve('playwright/package.json')), 'lib/loader/loaderProcessEntry.js');

/** The reporters read and copy attached files, so only regular files in the run's output are accepted. */
function isOwnFile(file) {
  try {
    return fs.realpathSync(file).startsWith(fs.realpathSync(outputDir) + path.sep) && fs.lstatSync(file).isFile();
  } catch {
    return false;
  }
}

let isStopping = false;
/** Processes of scripts are killed, also those that Playwright still starts. */
let isKilling = false;
/** Playwright has started a process for tests. Before that, it may lose a request to stop. */
let hasBegun = false;
function end(message, code) {
  process.send(message, () => process.exit(code));
}

/** Baselines of this run; undefined until the scripts are loaded. */
let snapshots;
/** Scripts that need a browser that is not there, by their files. */
const refused = new Map();

/** Checks and redacts the messages of a process that evaluates scripts before Playwright gets them. */
function guard(child, redact, onModules) {
  const emit = child.emit;
  let key;
  let count = 0;
  let isForged = false;
  function open({ key: given, body, mac } = {}) {
    // The first message comes before any script is loaded.
    if (key === undefined) return typeof given === 'string' ? void (key = given) : forged();
    count += 1;
    const isGenuine = typeof body === 'string' && mac === crypto.createHmac('sha256', key).update(count + ':' + body).digest('base64');
    return isGenuine ? JSON.parse(body) : forged();
  }
  function forged() {
    if (!isForged) process.send({ kind: 'forged' });
    isForged = true;
  }
  child.emit = (event, ...args) => {
    if (event !== 'message') return emit.call(child, event, ...args);
    const message = isForged ? undefined : open(args[0] ?? undefined);
    if (message === undefined) return true;
    if (message.method === 'runlight') return onOwn(message.params);
    const { method, params, result } = message.params ?? {};
    if (method === 'attach' && params?.path !== undefined) {
      const attachment = snapshots?.includes(String(params.path)) ? snapshots.baseline(params) : params;
      return attachment === undefined || attach(attachment, message);
    }
    if (method === 'cases') return void process.send({ kind: 'crowd' });
    if (method === 'testEnd') {
      for (const found of snapshots?.found(params.testId) ?? []) attach(found, message);
      facts.ending = { testId: params.testId, refusals: refusalsOf(params) };
    }
    if (result?.fileSuite) refuse(result);
    try {
      return emit.call(child, event, redact.message(message));
    } finally {
      facts.ending = undefined;
    }
  };
  function attach(params, message) {
    const file = String(params.path);
    if (!isOwnFile(file)) return true;
    if (${maybeText}.test(params.contentType)) redact.file(file);
    snapshots?.note(params);
    return emit.call(child, 'message', redact.message({ ...message, params: { ...message.params, method: 'attach', params } }));
  }
  /** A message of the guard in that process. */
  function onOwn({ kind, ...message }) {
    if (kind === 'modules') onModules?.(message.files);
    else if (kind === 'missing-browser') {
      refused.set(message.file, message);
      process.send({ kind: 'no-browser', position: scripts.findIndex(({ files }) => files.includes(message.file)) });
    } else process.send({ kind });
    return true;
  }
  noteExit(child);
  return child;
}

/** Playwright reports an error of a script that needs a browser that is not there, and runs none of its cases. */
function refuse({ fileSuite, testErrors }) {
  const found = refused.get(fileSuite.requireFile);
  if (found === undefined) return;
  const { file, line, column, message } = found;
  fileSuite.entries = [];
  testErrors.push({ message, location: { file, line, column } });
}

/** The calls that the operating system has refused, as the process that ran the test says. */
function refusalsOf({ refusals }) {
  if (!Array.isArray(refusals)) return [];
  return refusals.map(({ error, code, syscall }) => ({ error: Number(error), code: String(code), syscall: String(syscall) }));
}

/** Notes how the process ends, and which script it ran, by the message that Playwright makes of that. */
function noteExit(child) {
  const send = child.send;
  let file;
  child.send = (message, ...rest) => {
    if (message.params?.method === 'runTestGroup') file = message.params.params.file;
    return send.call(child, message, ...rest);
  };
  child.once('exit', (code, signal) => {
    const message = 'Error: worker process exited unexpectedly (code=' + code + ', signal=' + signal + ')';
    facts.exits.set(message, { file, code, signal });
  });
}

/** As Playwright names it. */
function folderOf(test, retry) {
  const { sanitizeForFilePath, trimLongString } = require('playwright-core/lib/coreBundle').utils;
  const file = path.relative(test.parent.project().testDir, test._requireFile.replace(/\.(spec|test)\.(js|ts|jsx|tsx|mjs|mts|cjs|cts)$/, ''));
  const titles = test.titlePath().slice(3).join(' ');
  const name = trimLongString(file.replaceAll('/', '-') + '-' + sanitizeForFilePath(titles), 60);
  const project = test._projectId ? '-' + sanitizeForFilePath(test._projectId) : '';
  return name + project + (retry ? '-retry' + retry : '');
}

/** In bytes. Larger text files are not searched for secrets: they are removed if the project has any. */
const longestRedacted = 50_000_000;

/** Fields that Playwright reads, and that are not shown to users. They are not redacted. */
const identities = new Set(['testId', 'stepId', 'parentStepId', 'id', 'method', 'status', 'expectedStatus', 'file', 'path', 'category', 'type']);

function createRedact(secrets) {
  if (secrets.length === 0) return { message: (message) => message, file: () => {} };
  const text = (value) => secrets.reduce((result, secret) => result.replaceAll(secret, '***'), value);
  const bytes = (base64) => {
    const secretBytes = secrets.map((secret) => Buffer.from(secret).toString('latin1'));
    const all = Buffer.from(base64, 'base64').toString('latin1');
    return Buffer.from(secretBytes.reduce((result, secret) => result.replaceAll(secret, '***'), all), 'latin1').toString('base64');
  };
  const redact = (value, key) => {
    if (typeof value === 'string') return identities.has(key) ? value : key === 'buffer' || key === 'body' ? bytes(value) : text(value);
    if (Array.isArray(value)) return value.map((item) => redact(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redact(item, name)]));
  };
  const file = (name) => {
    if (fs.statSync(name).size > longestRedacted) return fs.rmSync(name);
    const before = fs.readFileSync(name).toString('base64');
    const after = bytes(before);
    if (after !== before) fs.writeFileSync(name, Buffer.from(after, 'base64'));
  };
  return { message: redact, file };
}

/** Waits for the variables: only the processes that evaluate scripts get them. */
process.once('message', ({ variables, secrets }) => {
  const fork = childProcess.fork;
  const redact = createRedact(secrets);
  const execArgv = ['--require', path.join(__dirname, 'guard.cjs')];
  const forkGuarded = (script, options, onModules) =>
    guard(fork(script, { ...options, execArgv, env: { ...(options.env ?? process.env), ...variables } }), redact, onModules);
  // stdout of this process has only Playwright's terminal reporter, which is ignored. The output of the loader goes to stderr, which
  // is shown if loading fails.
  let onModules;
  const modules = new Promise((resolve) => (onModules = resolve));
  const loader = forkGuarded(loaderPath, { stdio: ['ignore', 2, 2, 'ipc'] }, onModules);
  loader.send({ files: scripts.filter(({ files }) => files.length > 1).map(({ files }) => files[0]) }, () => {});
  // Not once: Node keeps messages back while there is no listener.
  const loaderReady = new Promise((resolve) => loader.on('message', resolve));
  const loaderSend = loader.send;
  let loadingFile;
  let isLoaded = false;
  loader.send = (message, ...rest) => {
    if (message.method === '__stop__') isLoaded = true;
    else if (message.params?.method === 'loadTestFile') loadingFile = message.params.params.file;
    return loaderSend.call(loader, message, ...rest);
  };
  loader.once('exit', (code, signal) => {
    if (isLoaded) return;
    // What starts meanwhile sees that it is stopping.
    if (isStopping) return onModules([]);
    // If a script ends the loader, Playwright waits forever for its answer.
    const script = scripts.find(({ files }) => files.includes(loadingFile));
    end({ kind: 'loader-exit', file: script?.files[0], code, signal }, 1);
  });
  const children = new Set([loader]);
  childProcess.fork = (script, options) => {
    if (script === loaderPath) {
      void loaderReady.then((message) => emitChecked(loader, message));
      return loader;
    }
    const child = forkGuarded(script, options);
    hasBegun = true;
    children.add(child);
    if (isKilling) child.kill('SIGKILL');
    child.once('exit', () => children.delete(child));
    return child;
  };
  void main(children, modules);
});
process.send('ready');

/** Emits a message that was checked already. */
function emitChecked(child, message) {
  return Object.getPrototypeOf(child).emit.call(child, 'message', message);
}

async function main(children, modules) {
  let runner;
  process.on('message', ({ chosen, killAfterMs }) => {
    if (chosen) return choose(chosen);
    if (isStopping) return;
    isStopping = true;
    if (!hasBegun) return end({ kind: 'end', status: 'interrupted' }, 1);
    void runner?.stopTests();
    // A script in an endless loop does not stop. When its process is killed, Playwright can still write the report.
    setTimeout(() => {
      isKilling = true;
      children.forEach((child) => child.kill('SIGKILL'));
    }, killAfterMs).unref();
  });
  const { testRunner } = require('playwright/lib/runner');
  const { default: Reporter } = await import(reporter);
  const asModules = new Set(await modules);
  const files = scripts.map(({ files: [file, moduleFile] }) => (asModules.has(file) ? moduleFile : file));
  snapshots = openSnapshots(files, (snapshot) => process.send({ kind: 'snapshot', ...snapshot }));
  reporterOptions.tests.forEach((test, position) => (test.file = files[position]));
  const overrides = {
    ...config,
    projects: projects.map(({ positions, ...project }) => ({
      ...project,
      testMatch: positions.map((position) => '**/' + path.basename(files[position])),
    })),
  };
  runner = new testRunner.TestRunner(location, overrides);
  // The test runner leaves out retries and repetitions, since its usual caller debugs.
  const { _loadConfig: loadConfig } = runner;
  runner._loadConfig = ({ retries, repeatEach, ...given }) => loadConfig.call(runner, given);
  await runner.initialize({});
  if (isStopping) return end({ kind: 'end', status: 'interrupted' }, 1);
  const { status } = await runner.runTests(new Reporter(reporterOptions, facts), { reporters: [], failOnLoadErrors: false });
  finishReport(path.join(outputDir, 'report'));
  end({ kind: 'end', status }, status === 'passed' ? 0 : 1);
}

function finishReport(dir) {
  // Runlight serves one trace viewer for all reports.
  fs.rmSync(path.join(dir, 'trace'), { recursive: true, force: true });
  const file = path.join(dir, 'index.html');
  if (!fs.existsSync(file)) return;
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('<head>', '<head>' + ${JSON.stringify(ownStorage)}));
}
`;
