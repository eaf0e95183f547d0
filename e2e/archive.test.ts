import { findings } from './axe.ts';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { quick } from './scripts.ts';

test('a test is archived and comes back: by Undo, from the list of archived ones, and from its page', async ({
  page,
  call,
}) => {
  const { id } = await call('tests.create', { name: 'Not needed any more', script: script(quick) });
  const archive = async () => {
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
    await expect(page.getByRole('heading', { name: 'Tests', level: 1 })).toBeVisible();
  };
  const tests = page.getByRole('table', { name: 'Tests' });
  const link = tests.getByRole('link', { name: 'Not needed any more' });
  await page.goto(`/tests/${id}`);
  await archive();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('“Not needed any more” is back')).toBeVisible();
  await expect(link).toBeVisible();

  await link.click();
  await archive();
  await expect(link).toBeHidden();
  await page.getByRole('button', { name: 'Archived' }).click();
  await expect(page).toHaveURL(/archived=yes/);
  await expect(link).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await tests.getByRole('button', { name: 'Restore Not needed any more' }).click();
  await expect(link).toBeHidden();

  await page.goto(`/tests/${id}`);
  await archive();
  await page.goto(`/tests/${id}`);
  await expect(page.getByText('This test is archived.')).toBeVisible();
  await page.getByRole('button', { name: 'Restore Not needed any more' }).click();
  await expect(page.getByRole('button', { name: 'Archive', exact: true })).toBeVisible();
});

test('several tests are run and archived at once, and one that a job uses says so', async ({ page, call }) => {
  const ids: string[] = [];
  for (const name of ['Bulk one', 'Bulk two', 'Bulk three'])
    ids.push((await call('tests.create', { name, script: script(quick) })).id);
  await call('jobs.create', { name: 'Uses one', testIds: [ids[0]!] });
  await page.goto('/tests?q=bulk&sort=slow');
  await expect(page.getByRole('combobox', { name: 'Order' })).toHaveValue('slow');
  const tests = page.getByRole('table', { name: 'Tests' });
  await expect(tests.getByRole('row')).toHaveCount(4);
  const chosen = page.getByRole('region', { name: 'Chosen tests' });
  await tests.getByRole('checkbox', { name: 'Select Bulk one' }).check();
  await tests.getByRole('checkbox', { name: 'Select Bulk two' }).check();
  await chosen.getByRole('button', { name: 'Run 2' }).click();
  await expect(chosen).toBeHidden();
  for (const name of ['Bulk one', 'Bulk two'])
    await expect(tests.getByRole('row', { name }).getByText('Passed', { exact: true })).toBeVisible();

  await tests.getByRole('checkbox', { name: 'Select all tests shown' }).check();
  expect(await findings(page)).toEqual([]);
  await chosen.getByRole('button', { name: 'Archive 3' }).click();
  await expect(page.getByText('2 tests archived')).toBeVisible();
  await expect(page.getByText('1 test not archived')).toBeVisible();
  await expect(page.getByText('The test is used by the job "Uses one"; remove it there first.')).toBeVisible();
  await expect(tests.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(tests.getByRole('row')).toHaveCount(4);
});
