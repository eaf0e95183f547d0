// Builds what workers put beside suites, each as one file that can be loaded from anywhere: the reporter, for any version of Playwright,
// and the program that fetches suites from git.
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const root = path.dirname(import.meta.dirname);
const programs = [
  // Playwright would compile a file that is not below such a folder.
  { source: 'sdk/reporter/pipe/suite-reporter.ts', target: 'dist/suite/node_modules/runlight-reporter.cjs' },
  { source: 'sdk/cli/push/git/fetch-program.ts', target: 'dist/suite/fetch.cjs' },
];

for (const { source, target } of programs) {
  const file = path.basename(target);
  // Built aside, so that what is there is whole at any time.
  const dir = path.join(root, `${target}-${process.pid}`);
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'warn',
      ssr: { noExternal: true, resolve: { conditions: ['runlight-source', 'module', 'node', 'import', 'default'] } },
      build: {
        ssr: source,
        outDir: dir,
        target: 'node20.19',
        rolldownOptions: { output: { format: 'cjs', exports: 'named', entryFileNames: file, codeSplitting: false } },
      },
    });
    renameSync(path.join(dir, file), path.join(root, target));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
