import type { Page } from '@playwright/test';
import { emailOf, expect, password, signUpFirst, test } from './accounts-app.ts';
import { findings } from './axe.ts';

test('the first user invites a viewer, and the viewer sees a notice after being removed', async ({
  browser,
  newAccounts: app,
}) => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(app.url);
  await expect(page.getByRole('heading', { name: 'Create the first account' })).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await signUpFirst(page, app);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Members' }).click();
  await page.getByLabel('E-mail address').fill('bob@example.com');
  await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption('viewer');
  await page.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByRole('textbox', { name: 'Link of the invitation' }).inputValue();

  const colleague = await (await browser.newContext()).newPage();
  await colleague.goto(link);
  await expect(colleague.getByRole('heading', { name: 'Join Default' })).toBeVisible();
  await expect(colleague.getByText('Ada Lovelace invites you as a viewer')).toBeVisible();
  await colleague.getByLabel('Your name').fill('Bob');
  await colleague.getByLabel('Password').fill(password);
  await colleague.getByRole('button', { name: 'Create account' }).click();
  await colleague.getByRole('link', { name: 'Tests', exact: true }).click();
  await expect(colleague.getByRole('link', { name: 'New test' })).toBeHidden();
  await colleague.getByRole('table', { name: 'Tests' }).getByRole('link').first().click();
  await expect(colleague.getByRole('textbox', { name: 'Script' })).toBeVisible();
  await expect(colleague.getByRole('button', { name: 'Run', exact: true })).toBeHidden();
  await expect(colleague.getByText('You are a viewer of this project')).toBeVisible();

  await page.reload();
  await page.getByRole('button', { name: 'Remove Bob' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('bob@example.com')).toBeHidden();
  await colleague.goto(`${app.url}/runs`);
  await expect(colleague.getByText('not a member of any organisation').first()).toBeVisible();
  await colleague.context().close();
  await page.context().close();
});

test('a reset link from an owner sets a new password, signs in, and works once', async ({ page, browser, join }) => {
  const grace = await join('Grace', 'editor');
  await page.goto('/settings/members');
  await page.getByRole('button', { name: 'Reset password of Grace' }).click();
  const link = await page.getByRole('textbox', { name: 'Link to set a new password' }).inputValue();
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(link);
  await expect(elsewhere.getByRole('heading', { name: 'Set a new password' })).toBeVisible();
  await elsewhere.getByLabel('Password').fill('another horse battery');
  await elsewhere.getByRole('button', { name: 'Set password' }).click();
  await expect(elsewhere.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await elsewhere.goto(link);
  await expect(elsewhere.getByText('This link no longer works')).toBeVisible();
  await elsewhere.context().close();
  await grace.goto('/');
  await expect(grace.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('an API key is shown once, opens its project, and opens nothing after it is revoked', async ({
  page,
  accounts,
  playwright,
}) => {
  await page.goto('/settings/keys');
  await page.getByLabel('Name').fill('Nightly');
  await page.getByRole('button', { name: 'Create key' }).click();
  const key = await page.getByRole('textbox', { name: 'The new key' }).inputValue();
  const program = await playwright.request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  expect((await program.get(`${accounts.url}/api/trpc/tests.list`)).status()).toBe(200);
  await page.reload();
  await expect(page.getByText(`${key.slice(0, 9)}…`)).toBeVisible();
  await expect(page.getByText(key)).toBeHidden();
  await expect(page.getByRole('listitem').filter({ hasText: 'Nightly' })).toContainText('last used');
  await page.getByRole('button', { name: 'Revoke Nightly' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('button', { name: 'Revoke Nightly' })).toBeHidden();
  expect((await program.get(`${accounts.url}/api/trpc/tests.list`)).status()).toBe(401);
  await program.dispose();
});

test('removing a member offers to revoke the API keys that the member made', async ({ page, join }) => {
  const bob = await join('Bob', 'owner');
  await bob.goto('/settings/keys');
  await bob.getByLabel('Name').fill('CI');
  await bob.getByRole('button', { name: 'Create key' }).click();
  await expect(bob.getByRole('textbox', { name: 'The new key' })).toBeVisible();

  await page.goto('/settings/members');
  await page.getByRole('button', { name: 'Remove Bob' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('They made one API key');
  await expect(dialog.getByRole('checkbox', { name: 'Revoke this key, too' })).toBeChecked();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('button', { name: 'Remove Bob' })).toBeHidden();
  await page.goto('/settings/keys');
  await expect(page.getByLabel('Name')).toBeVisible();
  await expect(page.getByText(/^Loading/)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Revoke CI' })).toHaveCount(0);
});

test('signing out locks the page, a wrong password does not unlock it, and ending a session locks the other browser', async ({
  browser,
  accounts,
  join,
}) => {
  const page = await join('Eve', 'editor');
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/runs');
  await page.getByLabel('E-mail address').fill(emailOf('Eve'));
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Invalid email or password');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();

  const other = await (await browser.newContext()).newPage();
  await other.goto(accounts.url);
  await other.getByLabel('E-mail address').fill(emailOf('Eve'));
  await other.getByLabel('Password').fill(password);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();

  await page.goto('/settings/account');
  await expect(page.getByRole('button', { name: 'Change password' })).toBeVisible();
  await page.getByRole('button', { name: /^End session of/ }).click();
  await expect(page.getByRole('button', { name: /^End session of/ })).toBeHidden();
  // The streams of the other browser end, and its next request is refused.
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await other.context().close();
});

test('a project shows only its own tests', async ({ page }) => {
  await page.goto('/settings/projects');
  await page.getByRole('button', { name: 'New project' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Shop');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('button', { name: 'Show Shop' }).click();
  await expect(page.getByRole('combobox', { name: 'Project' })).toHaveValue(/.+/);
  await page.goto('/tests');
  await expect(page.getByRole('heading', { name: 'Tests', level: 1 })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Tests' })).toBeHidden();
  await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'Default' });
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await page.goto('/tests');
  await expect(page.getByRole('table', { name: 'Tests' })).toBeVisible();
});

test("a team sees nothing of another team's project", async ({ page, browser }) => {
  const create = async (what: string, name: string) => {
    await page.getByRole('button', { name: `New ${what}` }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('button', { name: `Create ${what}` }).click();
    await expect(page.getByRole('button', { name: `Show ${name}` })).toBeVisible();
  };
  await page.goto('/settings/projects');
  await create('organisation', 'Acme');
  await create('project', 'Till');
  await page.getByRole('button', { name: 'Show Till' }).click();
  await expect(page.getByRole('heading', { name: 'First steps' })).toBeVisible();

  await page.goto('/settings/members');
  await page.getByLabel('E-mail address').fill('tilda@example.com');
  await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption('Owner');
  await page.getByRole('combobox', { name: 'Where' }).selectOption('Only Till');
  await page.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByRole('textbox', { name: 'Link of the invitation' }).inputValue();
  const tilda = await (await browser.newContext()).newPage();
  await tilda.goto(link);
  await expect(tilda.getByRole('heading', { name: 'Join Till' })).toBeVisible();
  await expect(tilda.getByText('The invitation is for this project of Default only.')).toBeVisible();
  await tilda.getByLabel('Your name').fill('Tilda');
  await tilda.getByLabel('Password').fill(password);
  await tilda.getByRole('button', { name: 'Create account' }).click();
  await expect(tilda.getByRole('heading', { name: 'First steps' })).toBeVisible();
  await expect(tilda.getByRole('combobox', { name: 'Project' })).toBeHidden();
  await tilda.getByRole('link', { name: 'Settings' }).click();
  await tilda.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Members' }).click();
  await expect(tilda.getByText('Owner in this project only')).toBeVisible();
  await expect(tilda.getByRole('button', { name: /^Reset password/ })).toBeHidden();
  await expect(tilda.getByRole('combobox', { name: 'Where' })).toBeHidden();

  // The project moves to the other organisation. Tilda is not a member of it.
  await page.goto('/settings/projects');
  await page.getByRole('button', { name: 'Move Till' }).click();
  await page.getByRole('combobox', { name: 'To the organisation' }).selectOption('Acme');
  await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
  await expect(page.getByRole('region', { name: 'Acme' }).getByText('Till')).toBeVisible();
  await tilda.reload();
  await expect(tilda.getByText('not a member of any organisation').first()).toBeVisible();
  await tilda.context().close();
});

test('a member who leaves an organisation loses access to it, and its only owner cannot leave', async ({
  page,
  join,
}) => {
  const leave = async (page: Page) => {
    await page.goto('/settings/projects');
    await page.getByRole('button', { name: 'Leave Default' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  };
  const lea = await join('Lea', 'viewer');
  await leave(lea);
  await expect(lea.getByText('not a member of any organisation').first()).toBeVisible();
  await leave(page);
  await expect(page.getByText('make another member an owner first')).toBeVisible();
});

test('axe finds no violation on the account pages, in light and dark', async ({ page, context }) => {
  for (const [section, text, dialog] of [
    ['account', 'This browser'],
    ['members', 'ada@example.com', 'Change role of Ada Lovelace'],
    ['keys', 'Create key'],
    ['projects', 'Shown now', 'New organisation'],
  ] as const) {
    await page.goto(`/settings/${section}`);
    await expect(page.getByText(text)).toBeVisible();
    await expect(page.getByText(/^Loading/)).toHaveCount(0);
    expect(await findings(page), section).toEqual([]);
    if (!dialog) continue;
    await page.getByRole('button', { name: dialog }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await findings(page), dialog).toEqual([]);
  }
  await context.clearCookies();
  await page.goto('/sign-in');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(await findings(page)).toEqual([]);
});
