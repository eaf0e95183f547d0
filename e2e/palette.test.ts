import { expect, test } from './app-test.ts';

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

test('Enter in the palette runs only the test that was typed', async ({ page, call }) => {
  await call('tests.create', {
    name: 'Zebra crossing',
    script: `import { test } from '@playwright/test';\ntest('x', () => {});\n`,
  });
  await page.goto('/runs');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette.getByRole('option', { name: /^Run / }).first()).toBeVisible();
  await page.keyboard.type('zebra');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Zebra crossing', level: 1 })).toBeVisible();
});
