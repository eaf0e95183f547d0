import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { expect, test } from './app-test.ts';
import { beginReport } from './report-suite.ts';

const output = (page: Page) => page.getByRole('log', { name: 'Output of the test' });
/** The lines of the log, without their numbers. */
const lines = (page: Page) => output(page).locator('bdi');
const passed = (page: Page) => page.getByRole('definition').getByText('Passed', { exact: true });

/** Reports a case that printed these lines, and passed. Resolves to the id of its run. */
async function reportOutput(request: APIRequestContext, url: string, ...lines: string[]): Promise<string> {
  const reporter = await beginReport(request, url, { suite: 'Prints' });
  await reporter.list('prints');
  await reporter.start(0);
  await reporter.log(0, `${lines.join('\n')}\n`);
  await reporter.pass(0);
  await reporter.finish('passed');
  return reporter.runId;
}

/** How much of the element lies within the box of the log. */
async function expectInView(box: Locator, element: Locator) {
  await expect
    .poll(async () => {
      const [around, at] = [await box.boundingBox(), await element.boundingBox()];
      if (!around || !at) return false;
      const isBeside = at.x >= around.x && at.x + at.width <= around.x + around.width;
      return isBeside && at.y >= around.y && at.y + at.height <= around.y + around.height;
    })
    .toBe(true);
}

for (const width of [1440, 390])
  test(`a match is brought into view however far to the right it is, at ${width} px`, async ({
    page,
    request,
    app,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    const runId = await reportOutput(
      request,
      app.url,
      `request ${'k=v&'.repeat(300)}status=503${'&k=v'.repeat(300)} status=503`,
      `${'x'.repeat(5_000)} \x1b[31mneedle-at\x1b[0m-the-end`,
      ...Array.from({ length: 200 }, (_, n) => `line ${n}`),
      'last status=503',
    );
    await page.goto(`/runs/${runId}`);
    await expect(passed(page)).toBeVisible();
    const search = page.getByRole('searchbox', { name: 'Search the output' });
    const current = output(page).locator('mark[aria-current]');
    await search.fill('status=503');
    for (const number of ['1 of 3', '2 of 3', '3 of 3']) {
      await expect(page.getByText(number, { exact: true })).toBeVisible();
      await expect(current).toHaveText('status=503');
      await expectInView(output(page), current);
      await search.press('Enter');
    }
    await search.fill('needle-at-the-end');
    await expect(page.getByText('1 of 1', { exact: true })).toBeVisible();
    await expect(current).toHaveText(['needle-at', '-the-end']);
    await expectInView(output(page), current.first());
    await expect(lines(page).filter({ hasText: 'characters before' })).toHaveCount(1);
  });

test('a match is brought into view in a log that is too short to scroll down', async ({ page, request, app }) => {
  const runId = await reportOutput(
    request,
    app.url,
    `request ${'k=v&'.repeat(300)}status=503`,
    `${'x'.repeat(5_000)} needle-at-the-end`,
  );
  await page.goto(`/runs/${runId}`);
  await expect(passed(page)).toBeVisible();
  const current = output(page).locator('mark[aria-current]');
  for (const text of ['status=503', 'needle-at-the-end', 'request']) {
    await page.getByRole('searchbox', { name: 'Search the output' }).fill(text);
    await expect(current).toHaveText(text);
    await expectInView(output(page), current);
  }
});

test('progress that moves the cursor is shown as in a terminal', async ({ page, runScript }) => {
  const { runId } = await runScript(
    'Shows progress',
    `test('shows progress', async () => {
  process.stdout.write('layer one 0%\\nlayer two 0%\\n');
  for (const p of [50, 100]) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.stdout.write(\`\\u001b[2A\\u001b[2Klayer one \${p}%\\n\\u001b[2Klayer two \${p}%\\n\`);
  }
  process.stdout.write('checking 1/3\\u001b[1G\\u001b[0Kchecking 2/3\\u001b[1G\\u001b[0Kchecking 3/3\\n');
  process.stdout.write('abc\\b\\b\\bxyz\\n');
  process.stdout.write('\\u001b[32mplain\\u001b[39m\\n');
});`,
  );
  await page.goto(`/runs/${runId}`);
  await expect(passed(page)).toBeVisible();
  const shown = ['layer one 100%', 'layer two 100%', 'checking 3/3', 'xyz', 'plain'];
  await expect(lines(page)).toHaveText(shown);
  await page.reload();
  await expect(lines(page)).toHaveText(shown);
});

test('addresses of http and https are links in the log, and others are text', async ({ page, request, app }) => {
  const link = (url: string, text: string) => `\u001b]8;;${url}\u0007${text}\u001b]8;;\u0007`;
  const runId = await reportOutput(
    request,
    app.url,
    'see (https://example.com/build/7?x=1), please',
    link('https://example.com/docs', 'the docs'),
    // oxlint-disable-next-line no-script-url
    `${link('javascript:alert(1)', 'a trap')} javascript:alert(2) data:text/html,x`,
    'https://\x1b[31mexample.com\x1b[0m/colours',
  );
  await page.goto(`/runs/${runId}`);
  await expect(passed(page)).toBeVisible();
  const links = output(page).locator('bdi a');
  await expect(links).toHaveText(['https://example.com/build/7?x=1', 'the docs', 'https://example.com/colours']);
  await expect(links.nth(1)).toHaveAttribute('href', 'https://example.com/docs');
  await expect(links.nth(1)).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  await expect(links.nth(1)).toHaveAttribute('target', '_blank');
  await expect(lines(page).nth(2)).toHaveText('a trap javascript:alert(2) data:text/html,x');
  await page.getByRole('searchbox', { name: 'Search the output' }).fill('com/build');
  await expect(links.first().locator('mark')).toHaveText('com/build');
});
