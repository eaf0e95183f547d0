import { expect, test } from './app-test.ts';

test('a newcomer opens the printed address, runs the sample test, watches it pass and opens its report', async ({
  page,
  app,
  context,
}) => {
  await context.clearCookies();
  await page.goto(app.entrance);
  expect(page.url()).not.toContain('token');
  await page.getByRole('table', { name: 'Tests' }).getByRole('link', { name: 'Health endpoint answers' }).click();
  const name = await page.getByRole('textbox', { name: 'Name' }).inputValue();
  await page.getByRole('button', { name: 'Run', exact: true }).click();

  const current = page.getByRole('region', { name: 'This run' });
  await expect(current.getByText('Running', { exact: true })).toBeVisible();
  const finished = page.getByRole('region', { name: 'Last run' });
  await expect(finished.getByText('Passed', { exact: true })).toBeVisible();
  await expect(page.getByText(`${name}: passed`, { exact: true })).toHaveCount(1);
  await expect(page.getByRole('table', { name: 'Recent runs' }).getByRole('row')).toHaveCount(2);

  const [report] = await Promise.all([
    page.waitForEvent('popup'),
    finished.getByRole('link', { name: 'Open report' }).click(),
  ]);
  await expect(report).toHaveTitle('Playwright Test Report');
  await expect(report.getByText('Passed').first()).toBeVisible();
});

test('a failing sample shows its assertion beside the editor', async ({ page }) => {
  await page.goto('/tests');
  await page.getByRole('table', { name: 'Tests' }).getByRole('link', { name: 'A failing assertion' }).click();
  await expect(page.getByRole('textbox', { name: 'Script' })).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();

  const finished = page.getByRole('region', { name: 'Last run' });
  await expect(finished.getByText('Failed', { exact: true })).toBeVisible();
  await expect(finished.getByText('Expected: "Good morning, world"')).toBeVisible();
  await expect(finished.getByText("expect(greeting, 'the greeting').toBe(")).toBeVisible();
});

test('a job is composed, run, and cancelled', async ({ page, baseURL }) => {
  for (const [name, script] of [
    ['Waits for ever', `import { test } from '@playwright/test';\ntest('waits', () => new Promise(() => {}));\n`],
    ['Is quick', `import { test } from '@playwright/test';\ntest('is quick', () => {});\n`],
  ]) {
    const response = await page.request.post(`${baseURL}/api/trpc/tests.create`, { data: { name, script } });
    expect(response.ok()).toBe(true);
  }

  await page.goto('/jobs/new');
  await page.getByRole('textbox', { name: 'Name' }).fill('Slow and quick');
  await page.getByRole('button', { name: 'Add Waits for ever' }).click();
  await page.getByRole('button', { name: 'Add Is quick' }).click();
  await page.getByRole('button', { name: 'Move Is quick up' }).press('Enter');
  await expect(page.getByRole('list', { name: 'Tests of the job, in order' }).getByRole('listitem')).toContainText([
    'Is quick',
    'Waits for ever',
  ]);
  await page.getByRole('button', { name: 'Weekdays at 7:00' }).click();
  await expect(page.getByText(/^Every weekday at 07:00/)).toBeVisible();
  await page.getByRole('button', { name: 'Create job' }).click();

  await expect(page.getByRole('heading', { name: 'Slow and quick', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const current = page.getByRole('region', { name: 'This run' });
  await expect(current.getByText('1 of 2 tests · 1 passed')).toBeVisible();
  await current.getByRole('button', { name: 'Cancel run' }).click();
  await page.getByRole('dialog', { name: 'Cancel this run?' }).getByRole('button', { name: 'Cancel run' }).click();

  const runs = page.getByRole('table', { name: 'Recent runs' });
  await expect(runs.getByText('Cancelled', { exact: true })).toBeVisible();
  await expect(page.getByText('Slow and quick: cancelled', { exact: true })).toHaveCount(1);
  await runs.getByRole('link', { name: 'Cancelled run of Slow and quick' }).click();
  await expect(page.getByRole('button', { name: 'Retry all' })).toBeVisible();
});

test('unsaved changes are not lost by accident', async ({ page }) => {
  await page.goto('/tests/new');
  await page.getByRole('textbox', { name: 'Name' }).fill('Half a thought');
  await page.getByRole('link', { name: 'Runs' }).click();
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Stay here' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Half a thought');

  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByRole('heading', { name: 'Half a thought', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
});
