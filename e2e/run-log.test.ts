import type { Locator, Page } from '@playwright/test';
import { expect, test } from './app-test.ts';

const output = (page: Page) => page.getByRole('log', { name: 'Output of the test' });
/** The lines of the log, without their numbers. */
const lines = (page: Page) => output(page).locator('bdi');
const passed = (page: Page) => page.getByRole('definition').getByText('Passed', { exact: true });

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
  test(`a match is brought into view however far to the right it is, at ${width} px`, async ({ page, runScript }) => {
    await page.setViewportSize({ width, height: 900 });
    const { runId } = await runScript(
      'Prints wide lines',
      `test('prints', () => {
  console.log('request ' + 'k=v&'.repeat(300) + 'status=503' + '&k=v'.repeat(300) + ' status=503');
  console.log('x'.repeat(5_000) + ' \\x1b[31mneedle-at\\x1b[0m-the-end');
  for (let n = 0; n < 200; n += 1) console.log('line ' + n);
  console.log('last status=503');
});`,
    );
    await page.goto(`/runs/${runId}`);
    await expect(passed(page)).toBeVisible({ timeout: 60_000 });
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

test('a match is brought into view in a log that is too short to scroll down', async ({ page, runScript }) => {
  const { runId } = await runScript(
    'Prints two wide lines',
    `test('prints', () => {
  console.log('request ' + 'k=v&'.repeat(300) + 'status=503');
  console.log('x'.repeat(5_000) + ' needle-at-the-end');
});`,
  );
  await page.goto(`/runs/${runId}`);
  await expect(passed(page)).toBeVisible({ timeout: 60_000 });
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
  await expect(passed(page)).toBeVisible({ timeout: 60_000 });
  const shown = ['layer one 100%', 'layer two 100%', 'checking 3/3', 'xyz', 'plain'];
  await expect(lines(page)).toHaveText(shown);
  await page.reload();
  await expect(lines(page)).toHaveText(shown);
});

test('addresses of http and https are links in the log, and others are text', async ({ page, runScript }) => {
  const { runId } = await runScript(
    'Prints links',
    `test('prints links', () => {
  const link = (url, text) => '\\u001b]8;;' + url + '\\u0007' + text + '\\u001b]8;;\\u0007';
  console.log('see (https://example.com/build/7?x=1), please');
  console.log(link('https://example.com/docs', 'the docs'));
  console.log(link('javascript:alert(1)', 'a trap') + ' javascript:alert(2) data:text/html,x');
  console.log('https://\\x1b[31mexample.com\\x1b[0m/colours');
});`,
  );
  await page.goto(`/runs/${runId}`);
  await expect(passed(page)).toBeVisible({ timeout: 60_000 });
  const links = output(page).locator('bdi a');
  await expect(links).toHaveText(['https://example.com/build/7?x=1', 'the docs', 'https://example.com/colours']);
  await expect(links.nth(1)).toHaveAttribute('href', 'https://example.com/docs');
  await expect(links.nth(1)).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  await expect(links.nth(1)).toHaveAttribute('target', '_blank');
  await expect(lines(page).nth(2)).toHaveText('a trap javascript:alert(2) data:text/html,x');
  await page.getByRole('searchbox', { name: 'Search the output' }).fill('com/build');
  await expect(links.first().locator('mark')).toHaveText('com/build');
});
