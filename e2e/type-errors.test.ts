import type { Page } from '@playwright/test';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';

// Playwright fills the editor by a browser command that styles the inserted text. The pages' policy refuses such styles.
test.use({ tolerated: /^Applying inline style violates|type-worker/ });

const editor = (page: Page) => page.getByRole('textbox', { name: 'Script' });

test('type errors are warned of before Run, which stays possible', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto('/tests/new');
  await expect(editor(page)).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('Has a mistyped name');
  expect(requests.filter((url) => url.includes('type-worker'))).toEqual([]);

  await editor(page).fill(
    script(`test('x', async ({ page }) => {\n  await page.getByRol('list');\n  page.close();\n});`),
  );
  const warnings = page.locator('.cm-lintRange-warning');
  await expect(page.getByText('2 type warnings: lines 3, 4')).toBeVisible();
  await expect(warnings).toHaveText(['getByRol', 'page.close();']);
  await warnings.first().hover();
  expect(await findings(page)).toEqual([]);
  await expect(page.locator('.cm-tooltip')).toContainText("Did you mean 'getByRole'?");
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(page.getByRole('heading', { name: 'Has a mistyped name', level: 1 })).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'Last run' }).getByText('Failed', { exact: true }).first(),
  ).toBeVisible();
  const failed = async () => (await page.locator('.cm-lintRange-error').allInnerTexts()).join('');
  await expect.poll(failed).toBe("await page.getByRol('list');");

  // Marks of the run and of types are apart; where both are, the failure is shown.
  await editor(page).press('ControlOrMeta+End');
  await page.keyboard.type('process.env.RUNLI');
  await page.getByRole('option', { name: 'RUNLIGHT_URL' }).click();
  await expect(warnings).toHaveText(['page.close();']);
  await expect(page.getByText('2 type warnings: lines 3, 4')).toBeVisible();
  expect(await failed()).toBe("await page.getByRol('list');");
});

test('an editor without its types says so, and works', async ({ page, context }) => {
  await context.route(/type-worker/, (route) => route.abort('aborted'));
  await page.goto('/tests/new');
  await editor(page).fill(script(`test('x', () => {});`));
  await expect(page.getByText('Types are not checked: TypeScript cannot be loaded')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('Unchecked');
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByRole('heading', { name: 'Unchecked', level: 1 })).toBeVisible();
});
