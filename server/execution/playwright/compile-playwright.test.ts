import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compiledCodeDir } from './compiled-code.ts';
import { defaultLimits } from '#server/config/run-limits.ts';
import { playwrightModules } from './playwright-modules.ts';

const processes = ['loaderProcessEntry', 'main', 'workerProcessEntry'];

/** Prints the files of compiled code that V8 rejects in a process with the flags of a run. */
const refused = `
const fs = require('node:fs');
const vm = require('node:vm');
const Module = require('node:module');
const refused = JSON.parse(process.argv[1]).filter(([source, compiled]) => {
  const cachedData = fs.readFileSync(compiled);
  const content = Module.wrap(fs.readFileSync(source, 'utf8'));
  return new vm.Script(content, { cachedData }).cachedDataRejected;
});
console.log(JSON.stringify(refused));
`;

test('V8 accepts the compiled code for each process of a run', () => {
  const dir = compiledCodeDir();
  expect(readdirSync(dir).sort()).toEqual(['SHA256SUMS', ...processes]);
  const root = path.dirname(playwrightModules().find(({ name }) => name === 'playwright')!.dir);
  const files = processes.flatMap((kind) =>
    readdirSync(path.join(dir, kind)).map((name) => [
      path.join(root, name.replaceAll('+', '/').replace(/\.bin$/, '')),
      path.join(dir, kind, name),
    ]),
  );
  for (const kind of processes)
    expect(readdirSync(path.join(dir, kind))).toContain('playwright-core+lib+coreBundle.js.bin');
  const answer = execFileSync(process.execPath, ['-e', refused, JSON.stringify(files)], {
    env: { NODE_OPTIONS: `--max-old-space-size=${defaultLimits.heapMb}` },
    encoding: 'utf8',
  });
  expect(JSON.parse(answer)).toEqual([]);
});
