import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';
import { beginReport } from './report-suite.ts';

/** Pictures of one pixel. */
const [before, after] = [
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==',
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
].map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer];

// A number of times that is refused.
test.use({ tolerated: /status of 400/ });

test('a case is run ten times from its page; the outcome is live, and the history stays as it was', async ({
  page,
  gate,
  runScript,
}) => {
  const { runId } = await runScript(
    'Shaky shop',
    `test('pays', async ({}, info) => {
      if (info.repeatEachIndex === 4) ${gate.wait}
      expect(info.repeatEachIndex).not.toBe(3);
    });`,
  );
  await page.goto(`/runs/${runId}`);
  await expect(page.getByRole('heading', { name: 'pays', level: 2 })).toBeVisible();
  await page.getByRole('link', { name: 'All runs of this test' }).click();
  await expect(page.getByRole('heading', { name: 'pays', level: 1 })).toBeVisible();
  const flaky = page.getByRole('region', { name: 'Is it flaky?' });
  await flaky.getByLabel('Times').fill('1');
  await flaky.getByRole('button', { name: 'Run 1 times' }).click();
  await expect(flaky.getByRole('alert')).toHaveText('It must be at least 2');
  await flaky.getByLabel('Times').fill('10');
  await page.keyboard.press('Enter');
  const answer = flaky.getByRole('status');
  await expect(answer).toHaveText('4 of 10 times: 3 passed, 1 failed: flaky');
  expect(await findings(page)).toEqual([]);
  gate.open();
  await expect(answer).toHaveText('10 times: 9 passed, 1 failed: flaky');
  expect(await findings(page)).toEqual([]);
  await expect(page.getByRole('table', { name: 'Runs' }).getByRole('link')).toHaveCount(1);
  await page.reload();
  await expect(answer).toHaveText('10 times: 9 passed, 1 failed: flaky');
  await flaky.getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByRole('heading', { name: 'Shaky shop › pays 10 times', level: 1 })).toBeVisible();
  await expect(page.getByRole('progressbar', { name: 'Tests finished' })).toHaveAttribute(
    'aria-valuetext',
    '1 of 10 failed',
  );
});

test('a picture that differs from a suite’s baseline is compared, and downloaded as the new one', async ({
  page,
  request,
  app,
}) => {
  const path = 'shop/pay.spec.ts-snapshots/home-chromium-linux.png';
  const reporter = await beginReport(request, app.url, { suite: 'Looks' });
  await reporter.list('opens', 'looks as before');
  await reporter.start(0);
  await reporter.pass(0);
  await reporter.compare(1, 'expected', path, before);
  await reporter.compare(1, 'actual', path, after);
  await reporter.fail(1);
  await reporter.finish('failed');
  await page.goto(`/runs/${reporter.runId}?case=1`);
  const compared = page.getByRole('list', { name: 'Comparisons with baselines' });
  await expect(compared).toContainText(`${path} differs from the baseline`);
  await expect(compared.getByRole('slider')).toBeVisible();
  await expect(page.getByText('npx playwright test shop/pay.spec.ts:13')).toContainText('--repeat-each 10');
  expect(await findings(page)).toEqual([]);
  const [one] = await Promise.all([
    page.waitForEvent('download'),
    compared.getByRole('link', { name: 'Download as new baseline' }).click(),
  ]);
  expect(one.suggestedFilename()).toBe('home-chromium-linux.png');
  expect(await readFile(await one.path())).toEqual(after);

  await page.goto(`/runs/${reporter.runId}?tab=artifacts`);
  const all = page.getByRole('region', { name: 'New baselines' });
  await expect(all).toContainText('npx playwright test shop/pay.spec.ts:13 --project=chromium --update-snapshots');
  expect(await findings(page)).toEqual([]);
  const [archive] = await Promise.all([page.waitForEvent('download'), all.getByRole('link').click()]);
  expect(
    gunzipSync(await readFile(await archive.path()))
      .subarray(0, path.length)
      .toString(),
  ).toBe(path);
});
