import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { browsersAt } from '#server/testing/executed-suite.ts';
import type { SuiteInstallResult, WallTimeResult } from './results.ts';
import { installedSuite, playwrightTest } from './suite-folders.ts';
import type { SuiteSystem } from './suite-system.ts';

const files = 4;
const casesPerFile = 6;

/** 24 cases of about a second, with a page object and a fixture, in one worker process, as suites have it in a CI. */
const suiteFiles: Record<string, string> = {
  'playwright.config.ts': `import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: './e2e',
  workers: 1,
  retries: 1,
  reporter: [['list'], ['html', { open: 'never' }]],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure' },
});
`,
  'pages/cart.ts': `import type { Page } from '@playwright/test';
export class Cart {
  constructor(private page: Page) {}
  async open(name: string) {
    await this.page.setContent('<input><button onclick="add()">Add</button><ul></ul><script>' +
      'function add() { setTimeout(() => { const item = document.createElement("li"); item.textContent = document.querySelector("input").value;' +
      'document.querySelector("ul").append(item); }, 200); }</script><h1>' + name + '</h1>');
  }
  async add(item: string) {
    await this.page.getByRole('textbox').fill(item);
    await this.page.getByRole('button', { name: 'Add' }).click();
  }
  get items() {
    return this.page.getByRole('listitem');
  }
}
`,
  'fixtures.ts': `import { test as base } from '@playwright/test';
import { Cart } from './pages/cart';
export const test = base.extend<{ cart: Cart }>({
  cart: async ({ page }, use, info) => {
    const cart = new Cart(page);
    await cart.open(info.title);
    await use(cart);
  },
});
export { expect } from '@playwright/test';
`,
  ...Object.fromEntries(
    Array.from({ length: files }, (_, file) => [
      `e2e/cart-${file}.spec.ts`,
      `import { expect, test } from '../fixtures';
for (let n = 1; n <= ${casesPerFile}; n += 1)
  test('adds items ' + n, async ({ cart, page }) => {
    for (const item of ['bread', 'butter', 'jam']) {
      const before = await cart.items.count();
      await cart.add(item);
      await expect(cart.items).toHaveCount(before + 1, { timeout: 30_000 });
      console.log('added', item);
    }
    await page.screenshot();
  });
`,
    ]),
  ),
};

/** By turns: a run of the suite on a worker that has its packages, and `npx playwright test` in the suite's folder. */
export async function measureSuiteWallTime(
  system: SuiteSystem,
  rounds: number,
  progress: (text: string) => void,
): Promise<{ wallTime: WallTimeResult; install: SuiteInstallResult }> {
  const browsers = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
  try {
    using suite = installedSuite('bench-wall-time', suiteFiles);
    const env = { CI: '1', PLAYWRIGHT_BROWSERS_PATH: await browsersAt(browsers) };
    const { suiteId } = await system.push(suite.dir);
    const first = await system.run(suiteId);
    await playwrightTest(suite.dir, [], env);
    const wallTime: WallTimeResult = { runlightMs: [], playwrightMs: [] };
    const install: SuiteInstallResult = { firstMs: first.installMs, cachedMs: [] };
    for (let round = 0; round < rounds; round += 1) {
      const { ms, installMs } = await system.run(suiteId);
      const playwrightMs = await playwrightTest(suite.dir, [], env);
      wallTime.runlightMs.push(ms);
      wallTime.playwrightMs.push(playwrightMs);
      install.cachedMs.push(installMs);
      progress(
        `suite ${round + 1}/${rounds}: ${(ms / 1_000).toFixed(1)} s against ${(playwrightMs / 1_000).toFixed(1)} s, ` +
          `${(ms / playwrightMs).toFixed(3)}; packages in ${Math.round(installMs)} ms`,
      );
    }
    return { wallTime, install };
  } finally {
    await rm(browsers, { recursive: true });
  }
}
