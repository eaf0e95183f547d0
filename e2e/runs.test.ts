import { expect, test } from './app-test.ts';
import { endless, quick } from './scripts.ts';

test('run filters survive a reload and the way back', async ({ page, call, runScript }) => {
  const wanted = await runScript('Checkout of the shop', quick);
  const { runId } = await runScript('Something else', quick);
  await call('runs.cancel', { runId });
  await page.goto('/runs');
  const runs = page.getByRole('table', { name: 'Runs' });
  await expect(runs.getByRole('link', { name: 'Something else' })).toBeVisible();

  const search = page.getByRole('searchbox', { name: 'Search runs' });
  await search.fill('checkout');
  await page.getByRole('combobox', { name: 'Time' }).selectOption('Last hour');
  await page.getByRole('combobox', { name: 'Trigger' }).selectOption('By hand');
  const status = page.getByRole('group', { name: 'Status' });
  for (const name of ['Queued', 'Running', 'Passed']) await status.getByRole('button', { name }).click();
  await page.getByRole('button', { name: 'Any source' }).click();
  await page.getByRole('combobox', { name: 'Search tests, jobs and suites' }).fill('checkout');
  await page.getByRole('option', { name: 'Checkout of the shop' }).click();

  const expectFiltered = async () => {
    await expect(page.getByLabel('Test, job or suite: Checkout of the shop')).toBeVisible();
    await expect(search).toHaveValue('checkout');
    await expect(page.getByRole('combobox', { name: 'Time' })).toHaveValue('1h');
    await expect(page.getByRole('combobox', { name: 'Trigger' })).toHaveValue('manual');
    await expect(status.getByRole('button', { pressed: true })).toHaveText(['Queued', 'Running', 'Passed']);
    await expect(runs.getByRole('row')).toHaveCount(2);
    await expect(runs.getByRole('link')).toHaveText('Checkout of the shop');
  };
  await expectFiltered();
  await page.reload();
  await expectFiltered();
  await runs.getByRole('link', { name: 'Checkout of the shop' }).click();
  await expect(page).toHaveURL(new RegExp(wanted.runId));
  await page.goBack();
  await expectFiltered();
  await page.goBack();
  await expect(status.getByRole('button', { pressed: true })).toHaveText(['Queued', 'Running', 'Passed']);
  await expect(page.getByRole('button', { name: 'Any source' })).toBeVisible();

  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(runs.getByRole('link', { name: 'Something else' })).toBeVisible();
  await expect(search).toHaveValue('');
});

test('one run is cancelled from its row, and several at once', async ({ page, call, runScript }) => {
  const { testId } = await runScript('Never ends', endless);
  await page.goto(`/runs?q=Never+ends`);
  const runs = page.getByRole('table', { name: 'Runs' });
  await runs.getByRole('button', { name: 'Cancel Never ends' }).click();
  const question = page.getByRole('dialog', { name: 'Cancel this run?' });
  await question.getByRole('button', { name: 'Keep it going' }).click();
  await expect(question).toBeHidden();
  await runs.getByRole('button', { name: 'Cancel Never ends' }).click();
  await question.getByRole('button', { name: 'Cancel run' }).click();
  await expect(runs.getByText('Cancelled', { exact: true }).first()).toBeVisible();

  for (let n = 0; n < 3; n++) await call('tests.run', { testId });
  await expect(runs.getByRole('row')).toHaveCount(5);
  const boxes = runs.getByRole('checkbox', { name: 'Select Never ends' });
  await boxes.nth(0).click();
  await boxes.nth(2).click({ modifiers: ['Shift'] });
  const chosen = page.getByRole('region', { name: 'Chosen runs' });
  await expect(chosen).toContainText('3 chosen');
  await chosen.getByRole('button', { name: 'Cancel 3' }).click();
  await page.getByRole('dialog', { name: 'Cancel 3 runs?' }).getByRole('button', { name: 'Cancel 3 runs' }).click();
  await expect(runs.getByRole('button', { name: 'Retry Never ends' })).toHaveCount(4);
  await expect(chosen).toBeHidden();
});

test('rows further down the list stay in place while new runs arrive', async ({
  page,
  request,
  app,
  call,
  runScript,
}) => {
  const { testId } = await runScript('One of many', quick);
  // Cancelled runs fill the list: so many cannot wait in the queue.
  for (let n = 0; n < 60; n++) {
    const { runId } = await call('tests.run', { testId });
    if (n < 58) await request.post(`${app.url}/api/trpc/runs.cancel`, { data: { runId } });
  }
  await page.goto(`/runs?test=${testId}`);
  const runs = page.getByRole('table', { name: 'Runs' });
  await expect(runs.getByRole('row').nth(5)).toBeVisible();
  // Scrolling alone reaches the end of the list.
  await expect(async () => {
    await page.mouse.wheel(0, 5_000);
    await expect(runs).toHaveAttribute('aria-rowcount', '62', { timeout: 500 });
  }).toPass();
  await page.mouse.wheel(0, -500);
  // The places of the rows that are wholly on screen, by run.
  const places = () =>
    runs
      .getByRole('link')
      .evaluateAll((links) =>
        links
          .map((link) => [link.getAttribute('href'), link.getBoundingClientRect().top] as const)
          .filter(([, top]) => top > 100 && top < window.innerHeight - 100),
      );
  let before: Awaited<ReturnType<typeof places>> = [];
  await expect(async () => {
    before = await places();
    expect(before.length).toBeGreaterThan(3);
    expect(await places()).toEqual(before);
  }).toPass();

  await call('tests.run', { testId });
  const news = page.getByRole('button', { name: '1 new run' });
  await expect(news).toBeVisible();
  expect(await places()).toEqual(before);
  await news.click();
  await expect(runs).toHaveAttribute('aria-rowcount', '63');
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
});

test('filters are saved under a name, found again after a reload, and removed', async ({ page }) => {
  await page.goto('/runs?status=failed');
  const saved = page.getByRole('group', { name: 'Saved filters' });
  await saved.getByRole('button', { name: 'Save these filters' }).click();
  await expect(saved.getByRole('textbox', { name: 'Name of the filter' })).toBeFocused();
  await page.keyboard.type('What fails');
  await page.keyboard.press('Enter');
  await expect(saved.getByRole('link', { name: 'What fails' })).toHaveAttribute('aria-current', 'page');

  await page.goto('/runs');
  await saved.getByRole('link', { name: 'What fails' }).click();
  await expect(page).toHaveURL(/status=failed/);
  await expect(page.getByRole('group', { name: 'Status' }).getByRole('button', { pressed: true })).toHaveText('Failed');
  await saved.getByRole('button', { name: 'Remove the filter What fails' }).click();
  await expect(saved.getByRole('link')).toHaveCount(0);
  await page.goto('/runs');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await expect(saved).toBeHidden();
});
