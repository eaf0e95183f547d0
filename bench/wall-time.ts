import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '#shared/run-status.ts';
import type { AppRouter } from '#server/http/router.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { createTestClient, type TestClient } from '#server/testing/client.ts';
import { startRunlight } from '#server/testing/process.ts';
import type { WallTimeResult } from './results.ts';
import { playwrightTest } from './suite-folders.ts';

const root = path.dirname(import.meta.dirname);

/** 20 cases with a page each, about half a second for each one. */
const script = `import { expect, test } from '@playwright/test';
for (let n = 1; n <= 20; n += 1)
  test('case ' + n, async ({ page }) => {
    await page.setContent('<button onclick="this.textContent = this.dataset.n" data-n="' + n + '">Go</button>');
    await page.getByRole('button').click();
    await page.waitForTimeout(300);
    await expect(page.getByRole('button')).toHaveText(String(n), { timeout: 30_000 });
    await page.screenshot();
  });
`;

/** As Runlight runs a script: one worker, a trace that is kept for failures, and a report. */
const configOf = (executablePath: string, hasVideo: boolean) => `module.exports = {
  workers: 1,
  reporter: [['line'], ['html', { open: 'never' }]],
  use: {
    trace: 'retain-on-failure', screenshot: 'only-on-failure', video: '${hasVideo ? 'on' : 'off'}',
    launchOptions: { executablePath: ${JSON.stringify(executablePath)} },
  },
};
`;

const configArgs = ['-c', 'playwright.config.cjs'];

/** From the start to the verdict, by turns: a run of a script, and \`npx playwright test\` with the same script. */
export async function measureWallTime(rounds: number): Promise<WallTimeResult> {
  const browser = findBrowser({});
  if (!browser) throw new Error('There is no browser: run `npx playwright install chromium`.');
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
  try {
    const dataDir = path.join(dir, 'data');
    await mkdir(dataDir);
    await writeFile(path.join(dir, 'bench.spec.ts'), script);
    await writeFile(path.join(dir, 'playwright.config.cjs'), configOf(browser.executablePath, !!browser.ffmpeg));
    await symlink(path.join(root, 'node_modules'), path.join(dir, 'node_modules'));
    await using runlight = await startRunlight({ DATA_DIR: dataDir, BROWSER_PATH: browser.executablePath });
    const { api } = createTestClient<AppRouter>(runlight);
    const { id: testId } = await api.tests.create.mutate({ name: 'Wall time', script });
    const result: WallTimeResult = { runlightMs: [], playwrightMs: [] };
    // What is compiled, and what the system keeps in memory.
    await run(api, testId);
    await playwrightTest(dir, configArgs);
    for (let round = 0; round < rounds; round += 1) {
      result.runlightMs.push(await run(api, testId));
      result.playwrightMs.push(await playwrightTest(dir, configArgs));
    }
    return result;
  } finally {
    // Its Postgres notices a moment later that Runlight was killed.
    await rm(dir, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function run(api: TestClient['api'], testId: string): Promise<number> {
  const startedAt = performance.now();
  const { runId } = await api.tests.run.mutate({ testId });
  for (;;) {
    const { status, errorDetails } = await api.runs.byId.query({ runId });
    if (status === 'passed') return performance.now() - startedAt;
    if (isTerminal(status)) throw new Error(`the run ended as ${status}: ${errorDetails}`);
    await delay(20);
  }
}
