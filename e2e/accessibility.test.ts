import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';
import { endless } from './scripts.ts';

// One of the addresses is that of a run that does not exist.
test.use({ tolerated: /status of 404/ });

test('axe finds no violation on any page, in light and dark', async ({ page, call, runScript }) => {
  const passing = `test('passes', async () => { await test.step('a step', () => {}); console.log('said'); });`;
  const failing = `test('fails', () => { console.log('\\u001b[31mred\\u001b[0m'); expect('a').toBe('b'); });`;
  const passed = await runScript('Passes', passing);
  const failed = await runScript('Fails', failing);
  const testIds = [passed.testId, failed.testId];
  const { id: jobId } = await call('jobs.create', { name: 'Both', testIds, schedule: '0 7 * * 1-5' });
  const { runId: jobRunId } = await call('jobs.run', { jobId });
  const running = await runScript('Has no end', `test.beforeEach(() => console.log('waits'));\n${endless}`);

  const found: Record<string, string[]> = {};
  const check = async (address: string) => {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText(/^Loading/)).toHaveCount(0);
    found[address] = await findings(page);
  };
  // The runs go on meanwhile.
  for (const address of [
    '/tests?q=no+such+test',
    '/tests/new',
    '/jobs/new',
    '/settings/variables',
    '/settings/account',
    '/settings/members',
    '/settings/keys',
    '/settings/projects',
    '/settings/tests',
    '/settings/audit',
    '/no/such/page',
    `/runs/${passed.testId}`,
  ])
    await check(address);

  await page.goto(`/runs/${jobRunId}`);
  await expect(page).toHaveTitle(/^Failed: Both/);
  await page.goto('/');
  const failingCase = page.getByRole('region', { name: 'Failing now' }).getByRole('link').first();
  const caseAddress = (await failingCase.getAttribute('href'))!;
  for (const address of [
    '/',
    caseAddress,
    '/runs',
    '/runs?status=passed',
    `/runs/${passed.runId}`,
    `/runs/${failed.runId}`,
    `/runs/${running.runId}`,
    `/runs/${jobRunId}`,
    '/tests',
    `/tests/${failed.testId}`,
    '/jobs',
    `/jobs/${jobId}`,
    `/jobs/${jobId}?tab=settings`,
    '/workers',
  ])
    await check(address);

  await page.getByRole('button', { name: /^Running/ }).click();
  await expect(page.getByRole('dialog', { name: 'Queue' }).getByRole('link', { name: 'Has no end' })).toBeVisible();
  found['the queue'] = await findings(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('option', { name: /^Run Passes/ })).toBeVisible();
  found['the palette'] = await findings(page);
  await page.keyboard.press('Escape');
  // A toast stays while the pointer is on it, which is where it appears.
  await page.mouse.move(1_150, 670);
  await call('runs.cancel', { runId: running.runId });
  await expect(page.getByText('Has no end: cancelled', { exact: true })).toBeVisible();
  found['a toast'] = await findings(page);
  // A page that is open would ask for what is new, and go to the sign-in by itself.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await check('/sign-in');
  expect(Object.fromEntries(Object.entries(found).filter(([, findings]) => findings.length > 0))).toEqual({});
});
