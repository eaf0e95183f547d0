import { expect, test as base, type APIRequestContext, type Page } from '@playwright/test';
import type { ProjectRole } from '#shared/project-role.ts';
import { call } from './api.ts';
import { startApp, startTimeoutMs, type RunningApp } from './running-app.ts';

export const password = 'correct horse battery';

interface Fixtures {
  /** An app without users, for this test alone. */
  newAccounts: RunningApp;
  /** Invites a person, signs them up and returns a blank page of their browser. */
  join: (name: string, role: ProjectRole) => Promise<Page>;
}

interface WorkerFixtures {
  /** An app that Ada Lovelace owns, shared by the tests of a worker. */
  accounts: RunningApp;
  /** A program with Ada's session. */
  ada: APIRequestContext;
}

/** `test` with an app with accounts at the pages' base address. `page` is signed in as Ada. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  accounts: [
    // Playwright reads the needed fixtures from the pattern: none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using app = await startApp({ accounts: true });
      await use(app);
    },
    { scope: 'worker', timeout: startTimeoutMs },
  ],
  ada: [
    async ({ accounts, playwright }, use) => {
      const request = await playwright.request.newContext();
      await signUp(request, accounts, { name: 'Ada Lovelace', email: 'ada@example.com' });
      await use(request);
      await request.dispose();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ accounts }, use) => use(accounts.url),
  context: async ({ context, ada }, use) => {
    const { cookies } = await ada.storageState();
    await context.addCookies(cookies);
    await use(context);
  },
  // oxlint-disable-next-line no-empty-pattern
  newAccounts: async ({}, use) => {
    await using app = await startApp({ accounts: true });
    await use(app);
  },
  join: async ({ ada, accounts, browser }, use) => {
    const pages: Page[] = [];
    await use(async (name, role) => {
      const page = await (await browser.newContext({ baseURL: accounts.url })).newPage();
      pages.push(page);
      await signUpInvited(page.request, accounts, { by: ada, name, role });
      return page;
    });
    for (const page of pages) await page.context().close();
  },
});

export const emailOf = (name: string) => `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;

async function signUp(
  request: APIRequestContext,
  app: RunningApp,
  user: { name: string; email: string; invitation?: string },
): Promise<void> {
  const response = await request.post(`${app.url}/api/auth/sign-up/email`, { data: { ...user, password } });
  if (!response.ok()) throw new Error(`${user.email} cannot sign up: ${await response.text()}`);
}

/** Invites a person, by default to all projects, and signs them up. */
export async function signUpInvited(
  request: APIRequestContext,
  app: RunningApp,
  {
    by,
    name,
    role,
    to = 'members.invite',
  }: {
    by: APIRequestContext;
    name: string;
    role: ProjectRole;
    to?: 'members.invite' | 'members.inviteToProject';
  },
): Promise<void> {
  const email = emailOf(name);
  const { path } = await call<{ path: string }>(by, app.url, to, { email, role });
  await signUp(request, app, { name, email, invitation: path.replace('/join/', '') });
}

/** Signs up the first user, who becomes the owner. */
export async function signUpFirst(page: Page, app: RunningApp): Promise<void> {
  await page.goto(app.url);
  await expect(page.getByRole('heading', { name: 'Create the first account' })).toBeVisible();
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('E-mail address').fill('ada@example.com');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
}

export { expect };
