import { call, runScript } from './api.ts';
import { expect, password, signUpFirst, test as accountsTest } from './accounts-app.ts';

/** What is refused before anybody has signed in makes the browser complain, too. */
const test = accountsTest.extend({ complaints: async ({ context: _ }, use) => use([]) });

test('a viewer is offered nothing that is not theirs to do, and told why', async ({ page, browser, accounts }) => {
  await signUpFirst(page, accounts);
  const api = page.request;
  const { testId, runId } = await runScript(api, accounts.url, 'Watched by many', `test('is quick', () => {});`);
  const { id: jobId } = await call(api, accounts.url, 'jobs.create', { name: 'Nightly', testIds: [testId] });
  await page.goto(`${accounts.url}/settings/members`);
  await page.getByLabel('E-mail address').fill('bob@example.com');
  await page.getByRole('combobox', { name: 'Role', exact: true }).selectOption('viewer');
  await page.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByRole('textbox', { name: 'Link of the invitation' }).inputValue();
  const context = await browser.newContext();
  const viewer = await context.newPage();
  await viewer.goto(link);
  await viewer.getByLabel('Your name').fill('Bob');
  await viewer.getByLabel('Password').fill(password);
  await viewer.getByRole('button', { name: 'Create account' }).click();

  const actions = viewer.getByRole('main').getByRole('button', { name: /^(Run|Retry|Cancel|Save|Archive|Create)\b/ });
  const why = viewer.getByText('You are a viewer of this project');
  await expect(viewer.getByRole('table', { name: 'Tests' })).toBeVisible();
  await expect(actions).toHaveCount(0);
  await expect(viewer.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Variables' })).toBeHidden();

  await viewer.goto(`${accounts.url}/runs`);
  await expect(
    viewer.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'Watched by many' }),
  ).toBeVisible();
  await expect(actions).toHaveCount(0);
  await expect(viewer.getByRole('checkbox')).toHaveCount(0);

  await viewer.goto(`${accounts.url}/runs/${runId}`);
  await expect(viewer.getByText('Passed', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  await expect(actions).toHaveCount(0);

  await viewer.goto(`${accounts.url}/tests/${testId}`);
  await expect(why).toBeVisible();
  await expect(viewer.getByRole('textbox', { name: 'Name' })).toHaveAttribute('readonly');
  const script = viewer.getByRole('textbox', { name: 'Script' });
  await script.click();
  await viewer.keyboard.type('not mine');
  await expect(script).not.toContainText('not mine');
  await viewer.keyboard.press('ControlOrMeta+Enter');
  await expect(actions).toHaveCount(0);

  await viewer.goto(`${accounts.url}/jobs/${jobId}`);
  await expect(why).toBeVisible();
  await expect(viewer.getByRole('textbox', { name: 'Name' })).toBeDisabled();
  await viewer.keyboard.press('ControlOrMeta+Enter');

  await viewer.keyboard.press('ControlOrMeta+k');
  const palette = viewer.getByRole('dialog', { name: 'Command palette' });
  await palette.getByRole('combobox').fill('watched');
  await expect(palette.getByRole('option', { name: /^Watched by many/ }).first()).toBeVisible();
  await expect(palette.getByRole('option', { name: /^Run / })).toHaveCount(0);
  await viewer.keyboard.press('Escape');

  await viewer.goto(`${accounts.url}/settings/variables`);
  await expect(viewer.getByRole('heading', { name: 'Variables are for editors' })).toBeVisible();
  // None of the keys that were pressed has started anything.
  await viewer.goto(`${accounts.url}/runs`);
  await expect(viewer.getByRole('table', { name: 'Runs' }).getByRole('link')).toHaveCount(1);
  await context.close();
});
