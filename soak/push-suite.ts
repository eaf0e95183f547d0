import { createTestClient, type ServerAccess } from '#server/testing/client.ts';
import { writeSuite } from '#server/testing/executed-suite.ts';
import { runCommand } from '#server/testing/run-command.ts';

const spec = (name: string) => `import { test, expect } from '@playwright/test';
for (let n = 0; n < 5; n++) test('${name} ' + n, async () => {
  console.log('line', n);
  expect(n).toBeLessThan(5);
});
`;

/** Writes a small suite with the Playwright of this repository, pushes it, and resolves to its id. */
export async function pushSuite(server: ServerAccess): Promise<string> {
  const files = {
    'package.json': JSON.stringify({ name: 'soak', private: true, devDependencies: { '@playwright/test': '1.65.1' } }),
    'playwright.config.ts': 'export default { workers: 1 };\n',
    'a.spec.ts': spec('a'),
    'b.spec.ts': spec('b'),
  };
  await using suite = await writeSuite(files, {
    prepare: ['npm install --package-lock-only --ignore-scripts --no-audit --no-fund'],
  });
  const env = { RUNLIGHT_URL: server.url, RUNLIGHT_TOKEN: server.headers.authorization!.split(' ')[1]! };
  const { exitCode, stderr } = await runCommand(['push', '--suite', 'soak'], { env, cwd: suite.dir });
  if (exitCode !== 0) throw new Error(`the suite could not be pushed: ${stderr}`);
  const { items } = await createTestClient(server).api.suites.list.query({});
  return items[0]!.id;
}
