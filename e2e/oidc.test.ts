import { expect, test as base, type Page } from '@playwright/test';
// Playwright does not set the condition under which `#server` resolves to sources.
// oxlint-disable-next-line import/no-relative-parent-imports
import { startOidcProvider, type TestOidcProvider } from '../server/testing/oidc-provider.ts';
import { findings } from './axe.ts';
import { startApp, startTimeoutMs, type RunningApp } from './running-app.ts';

/** An app and a provider of another site than the app's: browsers treat `localhost` and `127.0.0.1` as different sites. */
const test = base.extend<object, { world: { app: RunningApp; provider: TestOidcProvider } }>({
  world: [
    // Playwright reads the needed fixtures from the pattern: none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      let provider: TestOidcProvider | undefined;
      const app = await startApp({
        accounts: true,
        settings: async (baseUrl) => {
          provider = await startOidcProvider([`${baseUrl}/api/auth/oidc/callback`], {
            ada: { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true },
            bob: { name: 'Bob', email: 'bob@example.com', email_verified: true },
            eve: { name: 'Eve', email: 'eve@example.com', email_verified: false },
          });
          return {
            OIDC_ISSUER: provider.issuer,
            OIDC_CLIENT_ID: provider.clientId,
            OIDC_CLIENT_SECRET: provider.clientSecret,
            OIDC_NAME: 'Acme',
          };
        },
      });
      try {
        await use({ app, provider: provider! });
      } finally {
        await app[Symbol.asyncDispose]();
        await provider?.[Symbol.asyncDispose]();
      }
    },
    { scope: 'worker', timeout: startTimeoutMs },
  ],
});

// The tests share one app, in this order: the first one finds it without users.
test.describe.configure({ mode: 'default' });

async function signInAtProvider(page: Page, account: string): Promise<void> {
  await page.getByRole('button', { name: 'Continue with Acme' }).click();
  await expect(page.getByRole('heading', { name: 'Acme accounts' })).toBeVisible();
  await page.getByLabel('Account').fill(account);
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('sign-in with the provider leads to the page that was asked for, with a strict cookie, and a silent provider is reported', async ({
  page,
  context,
  world: { app, provider },
}) => {
  await page.goto(`${app.url}/runs?status=failed`);
  await expect(page.getByRole('heading', { name: 'Create the first account' })).toBeVisible();
  provider.intercept = {
    path: '/.well-known/openid-configuration',
    answer: (res) => void res.writeHead(502).end(),
  };
  await page.getByRole('button', { name: 'Continue with Acme' }).click();
  await expect(page.getByRole('alert')).toContainText('Acme gives no answer at the moment');
  provider.intercept = undefined;
  // The first request after the way back already carries the strict cookie.
  const landing = page.waitForRequest((request) => request.isNavigationRequest() && /\/runs\?/.test(request.url()));
  await signInAtProvider(page, 'ada');
  const cookies = (await (await landing).allHeaders())['cookie'];
  expect(cookies).toContain('runlight.session_token=');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  expect(page.url()).toBe(`${app.url}/runs?status=failed`);
  await expect(page.getByText('Ada Lovelace').first()).toBeVisible();
  const kept = (await context.cookies(app.url)).filter(({ name }) => name.startsWith('runlight.'));
  expect(kept).toMatchObject([{ name: 'runlight.session_token', httpOnly: true, sameSite: 'Strict' }]);
  // A user of the provider has no password to change.
  await page.goto(`${app.url}/settings/account`);
  await expect(page.getByText('You have no password: you sign in with Acme.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Change password' })).toBeHidden();
  // The history does not contain the address with the code.
  await page.goBack();
  await page.goBack();
  expect(page.url()).not.toContain('code=');
});

test('an invited person joins with the provider, and cancelled or uninvited sign-ins are refused with the reason', async ({
  page,
  browser,
  world: { app },
}) => {
  await page.goto(app.url);
  await signInAtProvider(page, 'ada');
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await page.goto(`${app.url}/settings/members`);
  await page.getByLabel('E-mail address').fill('bob@example.com');
  await page.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByRole('textbox', { name: 'Link of the invitation' }).inputValue();

  const colleague = await (await browser.newContext()).newPage();
  await colleague.goto(link);
  await colleague.getByRole('button', { name: 'Continue with Acme' }).click();
  await colleague.getByRole('button', { name: 'Cancel' }).click();
  await expect(colleague.getByRole('heading', { name: 'Join Default' })).toBeVisible();
  await expect(colleague.getByRole('alert')).toContainText('Acme was not allowed to say who you are');
  await signInAtProvider(colleague, 'bob');
  await expect(colleague.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await expect(colleague.getByText('Editor', { exact: true }).first()).toBeVisible();
  await colleague.context().close();

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(app.url);
  await signInAtProvider(stranger, 'eve');
  await expect(stranger.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(stranger.getByRole('alert')).toContainText('does not say that your e-mail address is verified');
  expect(await findings(stranger)).toEqual([]);
  await stranger.context().close();
});
