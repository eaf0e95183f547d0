import { expect, test } from './accounts-app.ts';
import { findings } from './axe.ts';
import { beginReport } from './report-suite.ts';

test('an owner makes a key where the lines to paste are, and the page turns live with the first run', async ({
  page,
  accounts,
  playwright,
}) => {
  await page.goto('/suites');
  await page.getByRole('link', { name: 'Watch your own suite' }).first().click();
  await expect(page.getByRole('heading', { name: 'Watch your own suite', level: 1 })).toBeVisible();
  await expect(
    page.getByText(new RegExp(`^npm install -D ${accounts.url}/runlight-\\d+\\.\\d+\\.\\d+\\.tgz$`)),
  ).toBeVisible();
  const terminal = page.getByLabel('the lines for a terminal', { exact: true });
  await expect(terminal).toContainText('RUNLIGHT_TOKEN=…');
  await expect(terminal).toContainText('npx playwright test --add-reporter runlight/reporter');
  await page.getByRole('checkbox', { name: 'The project has a Playwright before 1.65' }).check();
  await expect(page.getByText(`reporter: [['list'], ['runlight/reporter']],`)).toBeVisible();
  await expect(terminal).not.toContainText('--add-reporter');
  await page.getByRole('checkbox', { name: 'The project has a Playwright before 1.65' }).uncheck();

  await page.getByRole('button', { name: 'Make a key for reporting' }).click();
  const key = await page.getByRole('textbox', { name: 'The new key' }).inputValue();
  await expect(terminal).toContainText(`RUNLIGHT_TOKEN=${key}`);
  for (const [name, text] of Object.entries({
    'GitHub Actions': '${{ secrets.RUNLIGHT_TOKEN }}',
    'GitLab CI': 'script:',
    Jenkins: `credentials('runlight-token')`,
    CircleCI: 'environment:',
    'Azure Pipelines': '$(RUNLIGHT_TOKEN)',
    Buildkite: 'secrets:',
    Bitbucket: 'export RUNLIGHT_URL',
    TeamCity: 'env.RUNLIGHT_URL',
    'Woodpecker, Drone': 'from_secret: RUNLIGHT_TOKEN',
  })) {
    await page.getByRole('navigation', { name: 'Where the tests run' }).getByRole('link', { name }).click();
    const lines = page.getByLabel(`the lines for ${name}`, { exact: true });
    await expect(lines).toContainText(text);
    await expect(lines).toContainText(accounts.url);
    await expect(lines).toContainText('--add-reporter runlight/reporter');
  }
  await expect(page).toHaveURL(/ci=drone/);
  await expect(page.getByText(`No other machine can reach ${accounts.url}.`)).toBeVisible();
  expect(await findings(page)).toEqual([]);

  const first = page.getByRole('region', { name: 'First run' });
  await expect(first).toContainText('Waiting for the first run…');
  const extraHTTPHeaders = { authorization: `Bearer ${key}` };
  const program = await playwright.request.newContext({ extraHTTPHeaders });
  // The key reports, and does nothing else.
  expect((await program.get(`${accounts.url}/api/trpc/runs.list`)).status()).toBe(403);
  const reporter = await beginReport(program, accounts.url, { suite: 'The first suite' });
  await reporter.list('adds to the cart', 'pays by card');
  await reporter.start(0);
  await expect(first).toContainText('“The first suite” is live.');
  await reporter.pass(0);
  await expect(first).toContainText('1 of 2 done');
  expect(await findings(page)).toEqual([]);
  await first.getByRole('link', { name: 'Watch the run' }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${reporter.runId}`));
  await reporter.pass(1);
  await reporter.finish('passed');
  await expect(page.getByText('Passed', { exact: true }).first()).toBeVisible();
  await program.dispose();

  await page.goto('/settings/keys');
  await expect(page.getByRole('listitem').filter({ hasText: 'Reporter' }).first()).toContainText(
    'Reporter, created by',
  );
  await page.getByRole('combobox', { name: 'Role' }).selectOption('Reporter');
  await expect(page.getByText('Reports runs of suites and does nothing else: a key for a CI.')).toBeVisible();
  expect(await findings(page)).toEqual([]);
});

test('a member who is no owner reads whom to ask for a key', async ({ join }) => {
  const editor = await join('Edith', 'editor');
  await editor.goto('/suites/watch');
  // Other tests have made more owners.
  await expect(editor.getByText(/Ask Ada Lovelace(, .*| or .*)? for one\./)).toBeVisible();
  await expect(editor.getByRole('button', { name: 'Make a key for reporting' })).toBeHidden();
});
