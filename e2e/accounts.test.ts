import { expect, password, signUpFirst, test as accountsTest } from './accounts-app.ts';
import { findings } from './axe.ts';

/** What is refused on purpose makes the browser complain, too. */
const test = accountsTest.extend({ complaints: async ({ context: _ }, use) => use([]) });

test('the first user invites a colleague, who may watch and not run, and is told so when removed', async ({
  page,
  browser,
  accounts,
}) => {
  await signUpFirst(page, accounts);
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
  await expect(colleague.getByRole('link', { name: 'New test' })).toBeHidden();
  await colleague.getByRole('table', { name: 'Tests' }).getByRole('link').first().click();
  await expect(colleague.getByRole('textbox', { name: 'Script' })).toBeVisible();
  await expect(colleague.getByRole('button', { name: 'Run', exact: true })).toBeHidden();
  await expect(colleague.getByText('You are a viewer of this project')).toBeVisible();

  await page.reload();
  await page.getByRole('button', { name: 'Remove Bob' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('bob@example.com')).toBeHidden();
  await colleague.goto(`${accounts.url}/runs`);
  await expect(colleague.getByText('not a member of any organisation').first()).toBeVisible();
  await colleague.context().close();
});

test('who forgot their password sets a new one by a link that an owner hands over, and is in', async ({
  page,
  browser,
  accounts,
}) => {
  await signUpFirst(page, accounts);
  await page.goto(`${accounts.url}/settings/members`);
  await page.getByRole('button', { name: 'Reset password of Ada Lovelace' }).click();
  const link = await page.getByRole('textbox', { name: 'Link to set a new password' }).inputValue();
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(link);
  await expect(elsewhere.getByRole('heading', { name: 'Set a new password' })).toBeVisible();
  await elsewhere.getByLabel('Password').fill('another horse battery');
  await elsewhere.getByRole('button', { name: 'Set password' }).click();
  await expect(elsewhere.getByRole('heading', { name: 'Tests', level: 1 })).toBeVisible();
  await elsewhere.goto(link);
  await expect(elsewhere.getByText('This link does not work any more')).toBeVisible();
  await elsewhere.context().close();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a key is shown once, opens its project, and opens nothing once it is revoked', async ({
  page,
  accounts,
  playwright,
}) => {
  await signUpFirst(page, accounts);
  await page.goto(`${accounts.url}/settings/keys`);
  await page.getByLabel('Name').fill('CI');
  await page.getByRole('button', { name: 'Create key' }).click();
  const key = await page.getByRole('textbox', { name: 'The new key' }).inputValue();
  const program = await playwright.request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  expect((await program.get(`${accounts.url}/api/trpc/tests.list`)).status()).toBe(200);
  await page.reload();
  await expect(page.getByText(`${key.slice(0, 9)}…`)).toBeVisible();
  await expect(page.getByText(key)).toBeHidden();
  await expect(page.getByText(/last used/)).toBeVisible();
  await page.getByRole('button', { name: 'Revoke CI' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('There is none.')).toBeVisible();
  expect((await program.get(`${accounts.url}/api/trpc/tests.list`)).status()).toBe(401);
  await program.dispose();
});

test('who removes a member is told of the keys that they made, and revokes them along with the member', async ({
  page,
  accounts,
  browser,
}) => {
  await signUpFirst(page, accounts);
  await page.goto(`${accounts.url}/settings/members`);
  await page.getByLabel('E-mail address').fill('bob@example.com');
  await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption('owner');
  await page.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByRole('textbox', { name: 'Link of the invitation' }).inputValue();
  const bob = await (await browser.newContext()).newPage();
  await bob.goto(link);
  await bob.getByLabel('Your name').fill('Bob');
  await bob.getByLabel('Password').fill(password);
  await bob.getByRole('button', { name: 'Create account' }).click();
  await expect(bob.getByRole('heading', { name: 'Tests', level: 1 })).toBeVisible();
  await bob.goto(`${accounts.url}/settings/keys`);
  await bob.getByLabel('Name').fill('CI');
  await bob.getByRole('button', { name: 'Create key' }).click();
  await expect(bob.getByRole('textbox', { name: 'The new key' })).toBeVisible();
  await bob.context().close();

  await page.reload();
  await page.getByRole('button', { name: 'Remove Bob' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('They made one API key');
  await expect(dialog.getByRole('checkbox', { name: 'Revoke this key, too' })).toBeChecked();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('button', { name: 'Remove Bob' })).toBeHidden();
  await page.goto(`${accounts.url}/settings/keys`);
  await expect(page.getByText('There is none.')).toBeVisible();
});

test('signing out locks the page, a wrong password does not open it, and ending a session locks the other browser', async ({
  page,
  browser,
  accounts,
}) => {
  await signUpFirst(page, accounts);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto(`${accounts.url}/runs`);
  await page.getByLabel('E-mail address').fill('ada@example.com');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Invalid email or password');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();

  const other = await (await browser.newContext()).newPage();
  await other.goto(accounts.url);
  await other.getByLabel('E-mail address').fill('ada@example.com');
  await other.getByLabel('Password').fill(password);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('heading', { name: 'Tests', level: 1 })).toBeVisible();

  await page.goto(`${accounts.url}/settings/account`);
  await expect(page.getByRole('button', { name: 'Change password' })).toBeVisible();
  await page.getByRole('button', { name: /^End session of/ }).click();
  await expect(page.getByRole('button', { name: /^End session of/ })).toBeHidden();
  // Its streams end, and what asks again is told why.
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible({ timeout: 30_000 });
  await other.context().close();
});

test('projects are apart: what one shows the other does not', async ({ page, accounts }) => {
  await signUpFirst(page, accounts);
  await expect(page.getByRole('table', { name: 'Tests' })).toBeVisible();
  await page.goto(`${accounts.url}/settings/projects`);
  await page.getByLabel('Name').fill('Shop');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('button', { name: 'Show Shop' }).click();
  await expect(page.getByRole('combobox', { name: 'Project' })).toHaveValue(/.+/);
  await page.goto(`${accounts.url}/tests`);
  await expect(page.getByRole('heading', { name: 'Tests', level: 1 })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Tests' })).toBeHidden();
  await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'Default' });
  await expect(page.getByRole('table', { name: 'Tests' })).toBeVisible();
});

test('the pages of accounts are accessible in both themes', async ({ page, accounts }) => {
  await page.goto(accounts.url);
  await expect(page.getByRole('heading', { name: 'Create the first account' })).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await signUpFirst(page, accounts);
  for (const [section, text] of [
    ['account', 'This browser'],
    ['members', 'ada@example.com'],
    ['keys', 'There is none.'],
    ['projects', 'Shown now'],
  ] as const) {
    await page.goto(`${accounts.url}/settings/${section}`);
    await expect(page.getByText(text)).toBeVisible();
    expect(await findings(page), section).toEqual([]);
  }
});
