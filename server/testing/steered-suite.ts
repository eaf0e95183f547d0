import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from './eventually.ts';

/** Where the suite is. */
interface SuiteFolder {
  dir: string;
}

/** A suite of which the test says when it goes on: `until(name)` waits for a file that `goOn(name)` writes. */
export const steeredSuite: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'steered', private: true }),
  'playwright.config.ts': `import { defineConfig } from '@playwright/test';
export default defineConfig({
  workers: 1,
  globalTeardown: process.env.TEARDOWN,
  reporter: [['list'], ['runlight/reporter', { catchUpSeconds: Number(process.env.CATCH_UP ?? 30) }]],
});
`,
  'exits.ts': `export default () => process.exit(7);
`,
  'steered.spec.ts': `import { existsSync, writeFileSync } from 'node:fs';
import { test } from '@playwright/test';

async function until(name: string) {
  writeFileSync(name + '.reached', '');
  while (!existsSync(name)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('first', async () => {
  await until('one');
});
test('second', async () => {
  for (let line = 0; line < 200; line += 1) await test.step('step ' + line, () => console.log('line ' + line));
  await test.info().attach('notes', { body: 'kept', contentType: 'text/plain' });
  await until('two');
});
test('third', async () => {
  await until('three');
});
`,
};

export function goOn({ dir }: SuiteFolder, ...names: string[]): Promise<void[]> {
  return Promise.all(names.map((name) => writeFile(path.join(dir, name), '')));
}

/** Resolves when the suite waits there. */
export async function reached({ dir }: SuiteFolder, name: string): Promise<void> {
  await eventually(() => access(path.join(dir, `${name}.reached`)), { withinMs: 60_000 });
}
