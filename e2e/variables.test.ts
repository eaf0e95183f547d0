import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';

test('an owner sets a variable, cannot read it again, replaces and removes it', async ({ page }) => {
  await page.goto('/settings/variables');
  await expect(page.getByText('No variables yet')).toBeVisible();
  const set = async (name: string) => {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Value').fill('not-to-be-read');
    await page.getByRole('button', { name: 'Set variable' }).click();
  };
  await set('API_TOKEN');
  await expect(page.getByRole('status').filter({ hasText: 'API_TOKEN is set.' })).toBeVisible();
  await set('API_TOKEN');
  const rows = page.getByRole('table', { name: 'Variables' }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await page.reload();
  await expect(rows).toHaveCount(2);
  expect(await page.content()).not.toContain('not-to-be-read');
  expect(await findings(page)).toEqual([]);

  await page.getByRole('button', { name: 'Remove API_TOKEN' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No variables yet')).toBeVisible();
});
