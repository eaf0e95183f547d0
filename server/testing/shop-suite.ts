/** A suite as teams have them: path aliases, a page object, a fixture, a login that other cases use, a server, snapshots. */
export function shopSuite(port: number): Record<string, string> {
  return {
    'package.json': JSON.stringify({ name: 'shop', private: true, devDependencies: { '@playwright/test': '1.65.1' } }),
    'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@pages/*': ['./pages/*'] } } }),
    'playwright.config.ts': `import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: './e2e',
  retries: 1,
  reporter: [['list'], ['json', { outputFile: 'results.json' }], ['./own-reporter.ts']],
  snapshotPathTemplate: '{testDir}/snapshots/{arg}{ext}',
  use: { baseURL: 'http://127.0.0.1:${port}' },
  webServer: { command: 'node server.mjs ${port}', url: 'http://127.0.0.1:${port}/ready', stdout: 'pipe' },
  projects: [
    { name: 'setup', testMatch: /.*\\.setup\\.ts/ },
    { name: 'shop', dependencies: ['setup'], use: { storageState: '.auth/user.json' } },
  ],
});
`,
    'own-reporter.ts': `export default class {
  onEnd() {
    console.log('the own reporter was here');
  }
  printsToStdio() {
    return false;
  }
}
`,
    'server.mjs': `import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/login') response.setHeader('set-cookie', 'user=ada');
  response.setHeader('content-type', 'text/html').end('<h1>Hello ' + (/user=(\\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'stranger') + '</h1>');
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('the server is up'));
`,
    'pages/front.ts': `import type { Page } from '@playwright/test';
export class Front {
  constructor(private page: Page) {}
  async open() {
    await this.page.goto('/');
  }
  get title() {
    return this.page.locator('h1');
  }
}
`,
    'fixtures.ts': `import { test as base } from '@playwright/test';
import { Front } from '@pages/front';
export const test = base.extend<{ front: Front }>({
  front: async ({ page }, use) => {
    const front = new Front(page);
    await front.open();
    await use(front);
  },
});
export { expect } from '@playwright/test';
`,
    'e2e/login.setup.ts': `import { test as setup } from '@playwright/test';
setup('logs in', async ({ request }) => {
  await request.get('/login');
  await request.storageState({ path: '.auth/user.json' });
});
`,
    'e2e/front.spec.ts': `import { expect, test } from '../fixtures';
test.describe.configure({ timeout: 0 });
test('greets who has logged in', async ({ front }, info) => {
  await expect(front.title).toHaveText('Hello ada', { timeout: 0 });
  await info.attach('note', { body: 'signed in with ' + (process.env.PASSWORD ?? 'nothing'), contentType: 'text/plain' });
});
test('matches its snapshot', () => expect('one\\ntwo\\n').toMatchSnapshot('lines.txt'));
test('passes in the end', ({}, info) => expect(info.retry).toBe(1));
test('never passes', () => expect(1).toBe(2));
test.skip('is skipped', () => {});
test('fails as it should', () => {
  test.fail();
  expect(1).toBe(2);
});
`,
    'e2e/snapshots/lines.txt': 'one\ntwo\n',
  };
}
