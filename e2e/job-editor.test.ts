import type { Page } from '@playwright/test';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';

const empty = script(`test('x', () => {});`);
const order = (page: Page) => page.getByRole('list', { name: 'Tests of the job, in order' }).getByRole('listitem');
const preview = (page: Page) => page.getByRole('status', { name: 'What the schedule means' });

test('a job is composed, put in order, scheduled, saved and run by keyboard alone', async ({ page, call }) => {
  for (const name of ['Key one', 'Key two', 'Key three']) await call('tests.create', { name, script: empty });
  await page.goto('/jobs');
  await page.getByRole('link', { name: 'New job' }).press('Enter');
  await expect(page.getByRole('searchbox', { name: 'Search tests to add' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).press('ControlOrMeta+a');
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: 'Tests' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('searchbox', { name: 'Search tests to add' })).toBeFocused();
  // Enter counts although the result has not arrived.
  await page.keyboard.type('key one');
  await page.keyboard.press('Enter');
  await expect(order(page)).toContainText(['Key one']);
  await page.keyboard.type('key');
  await expect(page.getByRole('button', { name: 'Add Key two' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: 'Add Key three' })).toBeFocused();
  await page.keyboard.press('Enter');
  // The focus moves to the next test, not to the top of the page.
  await expect(page.getByRole('button', { name: 'Add Key two' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(order(page)).toContainText(['Key one', 'Key three', 'Key two']);

  await page.getByRole('textbox', { name: 'Cron expression' }).focus();
  await page.keyboard.type('30 6 * * 1');
  await expect(preview(page)).toContainText('Every Monday at 06:30');

  await page.getByRole('button', { name: 'Drag Key two' }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByText('Key two picked up', { exact: false })).toBeAttached();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Space');
  await expect(page.getByText('Key two is now number 2 of 3')).toBeAttached();
  await expect(order(page)).toContainText(['Key one', 'Key two', 'Key three']);
  await expect(page.getByRole('button', { name: 'Drag Key two' })).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(order(page)).toContainText(['Key two', 'Key one', 'Key three']);
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(page.getByText('Put back')).toBeAttached();
  await expect(order(page)).toContainText(['Key two', 'Key one', 'Key three']);

  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByRole('heading', { name: 'By keyboard', level: 1 })).toBeVisible();
  await page
    .getByRole('navigation', { name: 'Parts of the job' })
    .getByRole('link', { name: 'Settings' })
    .press('Enter');
  await expect(order(page)).toContainText(['Key two', 'Key one', 'Key three']);
  await page
    .getByRole('navigation', { name: 'Parts of the job' })
    .getByRole('link', { name: 'Overview' })
    .press('Enter');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByRole('region', { name: 'History' }).getByText('100 %', { exact: true })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Recent runs' }).getByText('Passed', { exact: true })).toBeVisible();
});

test('a job is composed by dragging and by buttons', async ({ page, call }) => {
  for (const name of ['Drag one', 'Drag two', 'Drag three']) await call('tests.create', { name, script: empty });
  await page.goto('/jobs/new');
  await page.getByRole('searchbox', { name: 'Search tests to add' }).fill('drag');
  await drag(page, page.getByRole('button', { name: 'Add Drag one' }), page.getByText('or drag it here'));
  await expect(order(page)).toContainText(['Drag one']);
  await drag(page, page.getByRole('button', { name: 'Add Drag two' }), order(page).first());
  await expect(order(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Add Drag three' }).click();
  await expect(order(page)).toHaveCount(3);

  const before = await order(page).allInnerTexts();
  await drag(
    page,
    order(page)
      .last()
      .getByRole('button', { name: /^Drag / }),
    order(page).first(),
  );
  await expect(order(page).first()).toContainText('Drag three');
  expect(before.join()).not.toMatch(/^1\s*Drag three/);
  await page.getByRole('button', { name: 'Remove Drag three' }).click();
  await expect(order(page)).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Add Drag three' })).toBeVisible();

  const last = await order(page).last().innerText();
  await page
    .getByRole('button', { name: /^Move Drag .* up$/ })
    .last()
    .press('Enter');
  await expect(order(page).first()).toContainText(/Drag (one|two)/.exec(last)![0]);
  await page.getByRole('textbox', { name: 'Name' }).fill('By mouse');
  await page.getByRole('button', { name: 'Create job' }).click();
  await expect(page.getByRole('heading', { name: 'By mouse', level: 1 })).toBeVisible();
});

async function drag(page: Page, from: ReturnType<Page['locator']>, to: ReturnType<Page['locator']>) {
  const start = (await from.boundingBox())!;
  const end = (await to.boundingBox())!;
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2 + 12, { steps: 4 });
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 12 });
  await page.mouse.up();
}

test('a schedule is explained in words with its next times while it is typed, or its fault is named', async ({
  page,
}) => {
  await page.goto('/jobs/new');
  await expect(preview(page)).toHaveText('The job runs only when it is started by hand.');
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption('Europe/Berlin');
  await page.getByRole('button', { name: 'Weekdays at 7:00' }).click();
  await expect(preview(page)).toContainText('Every weekday at 07:00 Europe/Berlin');
  await expect(preview(page)).toContainText(/Next: .*7:00.*\(in .*\)/);
  await expect(preview(page).getByRole('listitem')).toHaveText(Array.from({ length: 4 }, () => /^then .*7:00/));
  await page.getByRole('checkbox', { name: 'Start by itself on this schedule' }).uncheck();
  await expect(preview(page)).toContainText('Every weekday at 07:00 Europe/Berlin, paused');

  await page.getByRole('textbox', { name: 'Cron expression' }).fill('0 7 * *');
  await expect(page.getByRole('alert')).toContainText('Cron expression must have five fields');
  await expect(preview(page)).toHaveCount(0);
  await page.getByRole('textbox', { name: 'Cron expression' }).fill('*/10 * * * *');
  await expect(preview(page)).toContainText('Every 10 minutes');
});

test.describe('two people who edit one job', () => {
  test.use({ tolerated: /status of 409/ });

  test('do not overwrite each other unnoticed', async ({ page, call }) => {
    const { id: testId } = await call('tests.create', { name: 'Part of it', script: empty });
    const { id: jobId } = await call('jobs.create', { name: 'Shared job', testIds: [testId] });
    await page.goto(`/jobs/${jobId}?tab=settings`);
    await page.getByRole('textbox', { name: 'Name' }).fill('My job');
    await call('jobs.update', { jobId, name: 'Their job' });
    await page.keyboard.press('ControlOrMeta+s');
    const alert = page.getByRole('alert').filter({ hasText: 'Another user changed this job' });
    await expect(alert).toContainText('Theirs: Their job, 1 test (Part of it), by hand only.');
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('My job');
    await alert.getByRole('button', { name: 'Keep mine' }).click();
    await page.keyboard.press('ControlOrMeta+s');
    await expect(page.getByRole('heading', { name: 'My job', level: 1 })).toBeVisible();
  });
});
