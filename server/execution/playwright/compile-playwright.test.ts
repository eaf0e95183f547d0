import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compiledCodeDir } from './compiled-code.ts';
import { defaultLimits } from '#server/config/run-limits.ts';
import { changedPrefix, moduleChanges } from './guard-script.ts';
import { playwrightModules } from './playwright-modules.ts';

const processes = ['loaderProcessEntry', 'main', 'workerProcessEntry'];

/** Prints the files of compiled code that V8 rejects in a process with the flags of a run. */
const refused = `
const fs = require('node:fs');
const vm = require('node:vm');
const Module = require('node:module');
const refused = JSON.parse(process.argv[1]).filter(([source, compiled, prefix, changes]) => {
  const cachedData = fs.readFileSync(compiled);
  const content = changes.reduce((text, [from, to]) => text.replace(from, to), prefix + fs.readFileSync(source, 'utf8'));
  return new vm.Script(Module.wrap(content), { cachedData }).cachedDataRejected;
});
console.log(JSON.stringify(refused));
`;

test('V8 accepts the compiled code for each process of a run', () => {
  const dir = compiledCodeDir();
  expect(readdirSync(dir).sort()).toEqual(['SHA256SUMS', ...processes]);
  const root = path.dirname(playwrightModules().find(({ name }) => name === 'playwright')!.dir);
  const files = processes.flatMap((kind) =>
    readdirSync(path.join(dir, kind)).map((name) => {
      const file = name.replaceAll('+', '/').replace(/\.bin$/, '');
      const changes = moduleChanges[file.replace('playwright/lib/', '')];
      return [path.join(root, file), path.join(dir, kind, name), changes ? changedPrefix : '', changes ?? []];
    }),
  );
  for (const kind of processes)
    expect(readdirSync(path.join(dir, kind))).toContain('playwright-core+lib+coreBundle.js.bin');
  const answer = execFileSync(process.execPath, ['-e', refused, JSON.stringify(files)], {
    env: { NODE_OPTIONS: `--max-old-space-size=${defaultLimits.heapMb}` },
    encoding: 'utf8',
  });
  expect(JSON.parse(answer)).toEqual([]);
});
