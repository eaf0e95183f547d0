import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { quick } from './scripts.ts';

test('the palette keeps what was typed before its code was loaded', async ({ page }) => {
  let load = () => {};
  const wanted = new Promise<void>((resolve) => (load = resolve));
  await page.route(/\/palette-.*\.js$/, async (route) => {
    await wanted;
    await route.continue();
  });
  await page.goto('/runs');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('work');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette.getByRole('textbox')).toHaveValue('work');
  load();
  await expect(palette.getByRole('combobox')).toHaveValue('work');
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('ers');
  await expect(palette.getByRole('option', { selected: true })).toHaveText('Workers');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Workers', level: 1 })).toBeVisible();
});

test('the palette opens pages, runs only the test that was typed and opens its run', async ({ page, call }) => {
  await call('tests.create', { name: 'Zebra crossing', script: script(quick) });
  await page.goto('/runs');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();

  await page.getByRole('button', { name: 'Search or run' }).first().click();
  await palette.getByRole('combobox').fill('worker');
  await expect(palette.getByRole('option', { selected: true })).toHaveText('Workers');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Workers', level: 1 })).toBeVisible();

  await page.keyboard.press('ControlOrMeta+k');
  await palette.getByRole('combobox').fill('steps and');
  await expect(palette.getByRole('option')).toHaveText([/^Run Steps and console output/, /^Steps and console output/]);
  await palette.getByRole('combobox').fill('nothing is named so');
  await expect(palette.getByText('Nothing matches')).toBeVisible();
  await palette.getByRole('combobox').fill('dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  await page.keyboard.press('ControlOrMeta+k');
  await expect(palette.getByRole('option', { name: /^Run / }).first()).toBeVisible();
  // Enter comes before the answer to the search.
  await page.keyboard.type('zebra');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Zebra crossing', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/runs\//);
});
