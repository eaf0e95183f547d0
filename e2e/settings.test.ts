import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';

// Two refusals are wanted.
test.use({ tolerated: /status of 400/ });

test('settings of a test apply over the defaults of the project, and a run shows those that it had', async ({
  page,
  call,
}) => {
  await page.goto('/settings/tests');
  const defaults = page.getByRole('region', { name: 'Defaults of all tests' });
  await defaults.getByLabel('Retries').fill('11');
  await defaults.getByRole('button', { name: 'Save' }).click();
  await expect(defaults.getByText('Retries must be at most 10')).toBeVisible();
  await defaults.getByLabel('Retries').fill('1');
  await defaults.getByLabel('Locale').fill('de-DE');
  await defaults.getByRole('button', { name: 'Save' }).click();
  await expect(defaults.getByText('Saved')).toBeVisible();
  // Below the page's sticky header, a field would look too small to touch.
  await page.evaluate(() => scrollTo(0, 0));
  expect(await findings(page)).toEqual([]);

  const { id } = await call('tests.create', {
    name: 'Speaks',
    script: script(`test('speaks', async ({ page }, info) => {
  expect(await page.evaluate(() => navigator.language)).toBe('de-DE');
  expect(page.viewportSize()?.width).toBe(393);
  expect(info.project.retries).toBe(1);
});`),
  });
  await page.goto(`/tests/${id}`);
  await page.getByRole('button', { name: 'Show settings' }).click();
  const settings = page.getByRole('region', { name: 'Settings', exact: true });
  await expect(settings.getByLabel('Locale')).toHaveAttribute('placeholder', 'de-DE');
  await settings.getByLabel('Device').fill('Abacus');
  await page.keyboard.press('ControlOrMeta+s');
  await expect(settings.getByText(/"Abacus" is not a device/)).toBeVisible();
  await settings.getByLabel('Device').fill('Pixel 5');
  await expect(settings.getByText('1 setting of its own')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(
    page.getByRole('region', { name: 'Last run' }).getByText('Passed', { exact: true }).first(),
  ).toBeVisible();
  await page.evaluate(() => scrollTo(0, 0));
  expect(await findings(page)).toEqual([]);

  await page.getByRole('link', { name: 'Whole run' }).click();
  const had = page.getByRole('region', { name: 'Settings of the run' });
  await expect(had).toContainText('device Pixel 5');
  await expect(had).toContainText('use.locale de-DE');
});

test('a picture without a baseline is accepted on the page of the run, and one that differs is compared with it', async ({
  page,
  call,
  runScript,
}) => {
  const looksAt = (text: string) =>
    `test('looks', async ({ page }) => {
      await page.setContent('<h1 style="font: 40px monospace">${text}</h1>');
      await expect(page).toHaveScreenshot('home.png', { timeout: 30_000 });
    });`;
  const { testId, runId } = await runScript('Looks the same', looksAt('Hello'));
  await page.goto(`/runs/${runId}`);
  await expect(page).toHaveTitle(/^Failed/);
  const comparisons = page.getByRole('list', { name: 'Comparisons with baselines' });
  await expect(comparisons).toContainText(/home\S* has no baseline yet/);
  await comparisons.getByRole('button', { name: 'Accept as baseline' }).click();
  await expect(comparisons.getByRole('status')).toContainText('Accepted');

  await call('tests.update', { testId, script: script(looksAt('Good bye')) });
  const changed = await call('tests.run', { testId });
  await page.goto(`/runs/${changed.runId}`);
  await expect(page).toHaveTitle(/^Failed/);
  await expect(comparisons).toContainText('differs from the baseline');
  await expect(comparisons.getByRole('img')).toHaveCount(2);
  await comparisons.getByRole('slider').focus();
  await page.keyboard.press('ArrowRight');
  await expect(comparisons.getByRole('slider')).toHaveValue('51');
  expect(await findings(page)).toEqual([]);
  await comparisons.getByRole('button', { name: 'Difference' }).click();
  await expect(comparisons.getByRole('img')).toHaveCount(1);
  await comparisons.getByRole('button', { name: 'Accept as baseline' }).click();
  await page.getByRole('button', { name: 'Replace' }).click();
  await expect(comparisons.getByRole('status')).toContainText('Accepted');

  await page.goto(`/tests/${testId}`);
  await page.getByRole('button', { name: 'Show settings' }).click();
  const baselines = page.getByRole('region', { name: 'Baselines' });
  await baselines.getByRole('button', { name: /^Remove the baseline home/ }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(baselines).toBeHidden();
});
