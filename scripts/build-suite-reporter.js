// Builds the reporter of suites that workers run: one file, which any version of Playwright can load from anywhere.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const root = path.dirname(import.meta.dirname);
const file = 'runlight-reporter.cjs';
// Playwright would compile a file that is not below such a folder.
const target = path.join(root, 'dist/suite/node_modules');
// Built aside, so that what is there is whole at any time.
const dir = `${target}-${process.pid}`;

try {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, resolve: { conditions: ['runlight-source', 'module', 'node', 'import', 'default'] } },
    build: {
      ssr: 'sdk/reporter/pipe/suite-reporter.ts',
      outDir: dir,
      target: 'node20.19',
      rolldownOptions: { output: { format: 'cjs', exports: 'named', entryFileNames: file, codeSplitting: false } },
    },
  });
  mkdirSync(target, { recursive: true });
  renameSync(path.join(dir, file), path.join(target, file));
} finally {
  rmSync(dir, { recursive: true, force: true });
}
