import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';

// One of the pages is that of a run that there is not.
test.use({ contextOptions: { reducedMotion: 'reduce' }, tolerated: /status of 404/ });

test('axe finds no violation on any page, in light and dark', async ({ page, call, runScript }) => {
  test.setTimeout(240_000);
  const passing = `test('passes', async () => { await test.step('a step', () => {}); console.log('said'); });`;
  const failing = `test('fails', () => { console.log('\\u001b[31mred\\u001b[0m'); expect('a').toBe('b'); });`;
  const endless = `test('waits', async () => { test.setTimeout(0); console.log('waits'); await new Promise(() => {}); });`;
  const passed = await runScript('Passes', passing);
  const failed = await runScript('Fails', failing);
  const running = await runScript('Has no end', endless);
  const testIds = [passed.testId, failed.testId];
  const { id: jobId } = await call('jobs.create', { name: 'Both', testIds, schedule: '0 7 * * 1-5' });
  const { runId: jobRunId } = await call('jobs.run', { jobId });
  await page.goto(`/runs/${jobRunId}`);
  await expect(page).toHaveTitle(/^Failed: Both/);

  const found: Record<string, string[]> = {};
  for (const address of [
    '/runs',
    '/runs?status=passed',
    `/runs/${passed.runId}`,
    `/runs/${failed.runId}`,
    `/runs/${running.runId}`,
    `/runs/${jobRunId}`,
    '/tests',
    '/tests?q=no+such+test',
    '/tests/new',
    `/tests/${failed.testId}`,
    '/jobs',
    '/jobs/new',
    `/jobs/${jobId}`,
    '/settings/variables',
    '/workers',
    '/settings/account',
    '/settings/members',
    '/settings/keys',
    '/settings/projects',
    '/settings/audit',
    '/no/such/page',
    `/runs/${passed.testId}`,
  ]) {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText(/^Loading/)).toHaveCount(0);
    found[address] = await findings(page);
  }

  await page.goto('/tests');
  await page.getByRole('button', { name: /^Running/ }).click();
  await expect(page.getByRole('dialog', { name: 'Queue' }).getByRole('link', { name: 'Has no end' })).toBeVisible();
  found['the queue'] = await findings(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('option', { name: /^Run Passes/ })).toBeVisible();
  found['the palette'] = await findings(page);
  await page.keyboard.press('Escape');
  await call('runs.cancel', { runId: running.runId });
  await expect(page.getByText('Has no end: cancelled', { exact: true })).toBeVisible();
  found['a toast'] = await findings(page);
  await page.context().clearCookies();
  await page.goto('/sign-in');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  found['/sign-in'] = await findings(page);
  expect(Object.fromEntries(Object.entries(found).filter(([, findings]) => findings.length > 0))).toEqual({});
});
