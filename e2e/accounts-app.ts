import { expect, type Page } from '@playwright/test';
import { test as base } from './app-test.ts';
import { startApp, type RunningApp } from './running-app.ts';

export const password = 'correct horse battery';

/** `test` with an app in which people sign up, one per test, and nobody has yet. */
export const test = base.extend<{ accounts: RunningApp }>({
  // Playwright reads from the pattern which fixtures this one needs: none.
  // oxlint-disable-next-line no-empty-pattern
  accounts: async ({}, use) => {
    await using app = await startApp({ accounts: true });
    await use(app);
  },
});

/** Signs the first user up, who owns it all. */
export async function signUpFirst(page: Page, app: RunningApp): Promise<void> {
  await page.goto(app.url);
  await expect(page.getByRole('heading', { name: 'Create the first account' })).toBeVisible();
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('E-mail address').fill('ada@example.com');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Tests', level: 1 })).toBeVisible();
}

export { expect };
