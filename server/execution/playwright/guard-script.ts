/** What the guard replaces in modules of `playwright/lib`, and with what. */
export const moduleChanges: Record<string, [from: string, to: string][]> = {
  'common/index.js': [
    ['process.send(message);', 'runlight.send(message);'],
    ['suite._addTest(test);\n    if (type', 'runlight.count();\n    suite._addTest(test);\n    if (type'],
  ],
  // Node.js gives an error of a system call fields that Playwright does not pass on.
  'worker/workerProcessEntry.js': [
    ['const result = serializeError(error);', 'const result = serializeError(error);\n  runlight.note(error, result);'],
    [
      'hasNonRetriableError: testInfo',
      'refusals: runlight.refusals(testInfo.errors),\n    hasNonRetriableError: testInfo',
    ],
  ],
};

/** What the guard puts before the code of these modules. */
export const changedPrefix = '"use strict"; const { runlight } = process; delete process.runlight; ';

/**
 * `guard.cjs` of a run's folder: the first code in each process that evaluates scripts. Playwright reports from there over a
 * channel to which scripts can write, too. So Playwright's own messages are signed and counted. The key is sent before the first
 * script is loaded, and only Playwright's own sender, in a module that is loaded before scripts, can sign.
 *
 * A script cannot forge messages, but it can change Playwright's objects in its own process: the results of its own tests are in
 * its hands anyway.
 *
 * The guard's own messages are signed, too. They have the method `runlight`.
 */
export const guardScript = String.raw`
const { createHmac, Hmac, randomBytes } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const libDir = path.join(path.dirname(require.resolve('playwright/package.json')), 'lib');
const commonFile = path.join(libDir, 'common/index.js');
const coreFile = path.join(path.dirname(require.resolve('playwright-core/package.json', { paths: [libDir] })), 'lib/coreBundle.js');
/** See guard-script.ts. */
const changes = ${JSON.stringify(moduleChanges)};
const changedPrefix = ${JSON.stringify(changedPrefix)};

// Not inherited by Node processes that scripts start.
process.execArgv = [];
if (process.send && process.argv[1]?.startsWith(libDir + path.sep)) {
  const kind = path.basename(process.argv[1], '.js');
  require('./code.cjs').useCompiledCode(kind);
  const { equipRegistry, watchPools } = require('./browsers.cjs');
  // Looked up now, since scripts can replace these functions later.
  const { apply } = Reflect;
  const { stringify } = JSON;
  const { update, digest } = Hmac.prototype;
  const { send } = process;
  const key = randomBytes(32).toString('hex');
  let count = 0;
  apply(send, process, [{ key }]);
  const sendSigned = (message) => {
    const body = stringify(message);
    count += 1;
    const mac = apply(digest, apply(update, createHmac('sha256', key), [count + ':' + body]), ['base64']);
    return apply(send, process, [{ body, mac }]);
  };
  const say = (params) => sendSigned({ method: 'runlight', params });
  // For scripts it does nothing. Programs under test use it to report that they are ready.
  process.send = () => true;

  const { cases } = JSON.parse(fs.readFileSync(path.join(__dirname, 'run.json'), 'utf8')).reporterOptions;
  let caseCount = 0;
  const refusedCalls = new WeakMap();
  const runlight = {
    send: sendSigned,
    /** Ends the run before the cases of a script fill the memory. */
    count() {
      caseCount += 1;
      if (caseCount === cases + 1) sendSigned({ method: '__dispatch__', params: { method: 'cases' } });
      if (caseCount > cases) throw new Error('The run has more than ' + cases + ' cases (RUN_MAX_CASES).');
    },
    note(error, result) {
      const { code, errno, syscall } = error instanceof Error ? error : {};
      if (typeof code === 'string' && typeof errno === 'number' && typeof syscall === 'string')
        refusedCalls.set(result, { code, syscall });
    },
    refusals: (errors) =>
      errors.flatMap((error, index) => (refusedCalls.has(error) ? [{ error: index, ...refusedCalls.get(error) }] : [])),
  };

  const pending = new Map(Object.entries(changes).map(([name, replacements]) => [path.join(libDir, name), replacements]));
  const onLoaded = new Map([
    [coreFile, ({ registry }) => equipRegistry(registry.registry, () => say({ kind: 'no-video' }))],
    [commonFile, (common) => kind === 'loaderProcessEntry' && prepareLoader(common)],
  ]);
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, ...rest) {
    const replacements = pending.get(filename) ?? [];
    const then = onLoaded.get(filename);
    if (replacements.length === 0 && then === undefined) return compile.call(this, content, filename, ...rest);
    pending.delete(filename);
    onLoaded.delete(filename);
    // The worker's module is compiled first, and only in processes that run tests.
    if (onLoaded.size === 0) Module.prototype._compile = compile;
    let changed = replacements.length === 0 ? content : changedPrefix + content;
    for (const [from, to] of replacements) {
      if (!content.includes(from)) throw new Error('This version of Playwright is not the one that Runlight requires: install that one.');
      changed = changed.replace(from, () => to);
    }
    if (replacements.length > 0) process.runlight = runlight;
    const result = compile.call(this, changed, filename, ...rest);
    then?.(this.exports);
    return result;
  };

  /** In the process that loads scripts. */
  function prepareLoader(common) {
    watchPools(common, (missing) => say({ kind: 'missing-browser', ...missing }));
    const { modulesAmong } = require('./modules.cjs');
    process.once('message', ({ files }) => say({ kind: 'modules', files: modulesAmong(files, common) }));
  }
}
`;
