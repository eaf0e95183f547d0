/**
 * `code.cjs` of a run's folder: loads Playwright's modules from compiled code in each process of a run. They are 10 MB of
 * JavaScript, of which each process would compile the same parts again. There is compiled code for each kind of process (see
 * `compile-playwright.ts`). V8 rejects code of another version or with other flags; the modules are then compiled as usual.
 */
export const codeScript = String.raw`
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

/** The large modules. None has a dynamic import, which does not work in compiled code. */
const large = [
  'playwright/lib/matchers/expect.js',
  'playwright/lib/runner/index.js',
  'playwright/lib/transform/babelBundle.js',
  'playwright/lib/worker/workerProcessEntry.js',
  'playwright-core/lib/coreBundle.js',
  'playwright-core/lib/utilsBundle.js',
];

const { code } = JSON.parse(fs.readFileSync(path.join(__dirname, 'run.json'), 'utf8'));

function readIfAny(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** The require function of a module, as Node makes it. */
function requireOf(module) {
  const require = (id) => module.require(id);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

/** Uses compiled code in this process from now on. */
exports.useCompiledCode = (kind) => {
  if (code === undefined) return;
  const compile = Module.prototype._compile;
  /** The file of compiled code of each module. */
  const files = new Map(
    large.map((name) => {
      const { dir } = code.packages.find((it) => name.startsWith(it.name + '/'));
      return [path.join(path.dirname(dir), name), path.join(code.dir, kind, name.replaceAll('/', '+') + '.bin')];
    }),
  );
  const scripts = new Map();
  Module.prototype._compile = function (content, filename, ...rest) {
    const file = files.get(filename);
    const cachedData = file === undefined || code.isRecording ? undefined : readIfAny(file);
    if (file === undefined || (cachedData === undefined && !code.isRecording))
      return compile.call(this, content, filename, ...rest);
    const script = new vm.Script(Module.wrap(content), {
      filename,
      columnOffset: -Module.wrapper[0].length,
      cachedData,
    });
    scripts.set(file, script);
    const run = script.runInThisContext();
    return run.call(this.exports, this.exports, requireOf(this), this, filename, path.dirname(filename));
  };
  if (!code.isRecording) return;
  // At exit, the compiled code includes all functions that were called.
  process.once('exit', () => {
    fs.mkdirSync(path.join(code.dir, kind), { recursive: true });
    for (const [file, script] of scripts) fs.writeFileSync(file, script.createCachedData());
  });
};
`;
