/**
 * `modules.cjs` of a run's folder: finds the scripts that have to be ES modules. Playwright goes by the name of a file, which a
 * script here does not choose. A script is CommonJS, with `require` and `__dirname`, unless it does not compile as that: because
 * of a top-level `await` or `import.meta`.
 */
export const modulesScript = String.raw`
const fs = require('node:fs');
const Module = require('node:module');
const vm = require('node:vm');

/** The files that compile as ES modules alone. Nothing is evaluated. Playwright keeps what it has compiled for loading. */
exports.modulesAmong = (files, { transform }) =>
  files.filter((file) => {
    let code;
    try {
      ({ code } = transform.transformHook(fs.readFileSync(file, 'utf8'), file));
    } catch {
      // Playwright reports the fault when it loads the file.
      return false;
    }
    try {
      new vm.Script(Module.wrap(code), { filename: file });
      return false;
    } catch {
      return true;
    }
  });
`;
