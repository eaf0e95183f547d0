import type { APIRequestContext, Page } from '@playwright/test';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';

// Playwright fills the editor by a browser command that styles the inserted text. The pages' policy refuses such styles.
test.use({ tolerated: /^Applying inline style violates|type-worker/ });

// Most of these tests are about no types: TypeScript, which takes seconds to load, is left out.
test.beforeEach(async ({ context }, { tags }) => {
  if (!tags.includes('@types')) await context.route(/type-worker/, (route) => route.abort('aborted'));
});

const editor = (page: Page) => page.getByRole('textbox', { name: 'Script' });
const lastRun = (page: Page) => page.getByRole('region', { name: 'Last run' });
const storedTest = async (request: APIRequestContext, testId: string) => {
  const input = encodeURIComponent(JSON.stringify({ testId }));
  const { result } = (await (await request.get(`/api/trpc/tests.byId?input=${input}`)).json()) as {
    result: { data: { name: string; script: string } };
  };
  return result.data;
};
const marks = (page: Page) => page.locator('.cm-lintRange-error');

test('a test is edited, saved and run, and its steps appear while it runs', async ({ page, call, gate }) => {
  const { id } = await call('tests.create', {
    name: 'Takes its time',
    script: script(`test('x', () => {});`),
  });
  await page.goto(`/tests/${id}`);
  await editor(page).fill(
    script(`test('waits', async () => {
  test.setTimeout(0);
  await test.step('begin', () => {});
  await test.step('think for a while', async () => { ${gate.wait} });
  await test.step('conclude', () => console.log('concluded'));
});`),
  );
  await expect(page.getByText('Unsaved changes')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Enter');

  const run = page.getByRole('region', { name: 'This run' });
  await expect(run.getByText('think for a while')).toBeVisible();
  await expect(run.getByText('conclude')).toBeHidden();
  await expect(page.locator('.cm-executedLine')).toContainText('think for a while');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  gate.open();
  await expect(lastRun(page).getByText('Passed', { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('log', { name: 'Output of the test' })).toContainText('concluded');
  await expect(page.locator('.cm-executedLine')).toHaveCount(0);
  await page.reload();
  await expect(editor(page)).toContainText('think for a while');
});

test('a failed test shows its assertion beside the editor, and the marks of failed lines move with the lines', async ({
  page,
  call,
}) => {
  const { id } = await call('tests.create', {
    name: 'Fails twice',
    script: script(`test('sum', () => {
  expect(1 + 1).toBe(3);
});
test('product', () => {
  expect(2 * 2).toBe(5);
});`),
  });
  await page.goto(`/tests/${id}`);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('2 problems: lines 3, 6')).toBeVisible();
  await expect(lastRun(page).getByText('Failed', { exact: true }).first()).toBeVisible();
  await expect(lastRun(page).getByText('Expected: 3')).toBeVisible();
  await expect(lastRun(page).getByText('expect(1 + 1).toBe(3);').first()).toBeVisible();
  await expect(marks(page)).toHaveText(['expect(1 + 1).toBe(3);', 'expect(2 * 2).toBe(5);']);

  await editor(page).press('ControlOrMeta+Home');
  await page.keyboard.insertText('// A line above.\n');
  await expect(marks(page)).toHaveText(['expect(1 + 1).toBe(3);', 'expect(2 * 2).toBe(5);']);
  // The saved script differs from the script of the run.
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await expect(marks(page)).toHaveCount(0);
});

for (const [name, lineEnd] of [
  ['CR LF', '\r\n'],
  ['CR', '\r'],
] as const)
  test(`lines that end with ${name} are marked, and keep their ends when they are edited`, async ({
    page,
    request,
    call,
  }) => {
    const text = script(`test('sum', () => {\n  expect(1 + 1).toBe(3);\n});`).replaceAll('\n', lineEnd);
    const { id } = await call('tests.create', { name: `Lines end with ${name}`, script: text });
    await page.goto(`/tests/${id}`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(page.getByText('1 problem: line 3')).toBeVisible();
    await expect(marks(page)).toHaveText(['expect(1 + 1).toBe(3);']);
    await expect(page.locator('.cm-lint-marker-error')).toHaveCount(1);
    await expect(page.getByText('Unsaved changes')).toBeHidden();

    await editor(page).press('ControlOrMeta+Home');
    await page.keyboard.insertText('// A line above.\n');
    await expect(marks(page)).toHaveText(['expect(1 + 1).toBe(3);']);
    await page.keyboard.press('ControlOrMeta+s');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    expect((await storedTest(request, id)).script).toBe(`// A line above.${lineEnd}${text}`);
  });

test('one test of a script is run from beside its line, or by a key, with edits that are saved first', async ({
  page,
  call,
}) => {
  const { id } = await call('tests.create', {
    name: 'Cart and till',
    script: script(`test('adds', () => {});
test('pays', () => { expect(1).toBe(2); });`),
  });
  await page.goto(`/tests/${id}`);
  await page.locator('.cm-runTest').filter({ visible: true }).first().click();
  const region = page.getByRole('region', { name: 'Last run' });
  await expect(region.getByText('Passed', { exact: true }).first()).toBeVisible();
  await expect(region.getByText('adds', { exact: true })).toBeVisible();
  await expect(region.getByText('pays', { exact: true })).toBeHidden();

  await editor(page).press('ControlOrMeta+End');
  await page.keyboard.type("\n// the till\ntest('gives change', () => {});");
  await page.keyboard.press('ControlOrMeta+Shift+Enter');
  await expect(region.getByText('gives change', { exact: true })).toBeVisible();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await expect(region.getByText('adds', { exact: true })).toBeHidden();
});

test('the editor completes names of Playwright’s API', { tag: '@types' }, async ({ page }) => {
  await page.goto('/tests/new');
  await editor(page).fill(script(`test('x', async ({ page }) => {\n  page`));
  await editor(page).press('ControlOrMeta+End');
  await page.keyboard.type('.getByRo');
  await page.getByRole('option', { name: /^getByRole/ }).click();
  await expect(editor(page)).toContainText('page.getByRole()');
});

test('a new API test starts from a template that passes unchanged', async ({ page }) => {
  await page.goto('/tests/new');
  await expect(editor(page)).toContainText('page.setContent');
  await page.getByRole('radio', { name: 'API test' }).check();
  await expect(page).toHaveURL(/template=api/);
  await expect(editor(page)).toContainText('request.get');
  await page.getByRole('textbox', { name: 'Name' }).fill('The API answers');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(lastRun(page).getByText('Passed', { exact: true }).first()).toBeVisible();
});

test('a template does not replace a written script, and leaving asks before it discards changes', async ({ page }) => {
  await page.goto('/tests/new');
  await editor(page).fill('// mine');
  await expect(page.getByRole('radio', { name: 'API test' })).toBeDisabled();
  await editor(page).fill('');
  await page.getByRole('radio', { name: 'API test' }).check();
  await expect(editor(page)).toContainText('request.get');

  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('Half a thought');
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Stay here' }).click();
  await expect(name).toHaveValue('Half a thought');
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByRole('heading', { name: 'Half a thought', level: 1 })).toBeVisible();
  await name.fill('Another thought');
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await question.getByRole('button', { name: 'Discard changes' }).click();
  await expect(page.getByRole('heading', { name: 'Jobs', level: 1 })).toBeVisible();

  // Nothing is unsaved, so leaving asks nothing.
  await page.goBack();
  await expect(name).toHaveValue('Half a thought');
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Jobs', level: 1 })).toBeVisible();
});

test.describe('two people who edit one test', () => {
  // Chromium logs every refused request.
  test.use({ tolerated: /status of 409|^Applying inline style violates|type-worker/ });

  test('do not overwrite each other unnoticed', async ({ page, request, call }) => {
    const { id } = await call('tests.create', {
      name: 'Shared',
      script: script(`test('x', () => {});`),
    });
    const stored = () => storedTest(request, id);
    await page.goto(`/tests/${id}`);
    await editor(page).fill(script(`test('mine', () => {});\n// The same.\n// Last of mine.`));
    const theirs = script(`test('theirs', () => {});\n// The same.\n// Last of theirs.`);
    await call('tests.update', { testId: id, script: theirs });

    await page.keyboard.press('ControlOrMeta+s');
    const alert = page.getByRole('alert').filter({ hasText: 'Another user changed this test' });
    await expect(alert).toBeVisible();
    await expect(editor(page)).toContainText("test('mine'");
    expect((await stored()).script).toContain("test('theirs'");
    await alert.getByRole('button', { name: 'Compare' }).click();
    const marked = page.getByRole('region', { name: 'Theirs, as it is stored' }).locator('mark');
    await expect(marked).toHaveText(["test('theirs', () => {});", '// Last of theirs.']);

    await alert.getByRole('button', { name: 'Keep mine' }).click();
    await expect(alert).toBeHidden();
    await page.keyboard.press('ControlOrMeta+s');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    expect((await stored()).script).toContain("test('mine'");

    await editor(page).fill(script(`test('mine again', () => {});`));
    await call('tests.update', { testId: id, script: script(`test('theirs again', () => {});`) });
    await page.keyboard.press('ControlOrMeta+s');
    await alert.getByRole('button', { name: 'Discard mine, use theirs' }).click();
    await expect(editor(page)).toContainText("test('theirs again'");
    await expect(page.getByText('Unsaved changes')).toBeHidden();

    // A change of another part of the test is no conflict.
    await page.getByRole('textbox', { name: 'Name' }).fill('Shared and renamed');
    await call('tests.update', { testId: id, script: script(`test('theirs at last', () => {});`) });
    await page.keyboard.press('ControlOrMeta+s');
    await expect(editor(page)).toContainText("test('theirs at last'");
    await page.keyboard.press('ControlOrMeta+s');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
    expect(await stored()).toMatchObject({
      name: 'Shared and renamed',
      script: expect.stringContaining("test('theirs at last'"),
    });
  });
});

test('the test list shows the latest verdicts of a test live', async ({ page, call }) => {
  const { id } = await call('tests.create', {
    name: 'Watched from the list',
    script: script(`test('x', () => {});`),
  });
  await page.goto('/tests?q=watched');
  const row = page.getByRole('row').filter({ hasText: 'Watched from the list' });
  await expect(row.getByRole('img', { name: 'No runs yet' })).toBeVisible();
  await row.getByRole('button', { name: 'Run Watched from the list' }).click();
  await expect(row.getByRole('img', { name: 'Last 1 run: 1 passed. Newest: passed' })).toBeVisible();

  await call('tests.update', {
    testId: id,
    script: script(`test('x', () => { throw new Error('broke'); });`),
  });
  await call('tests.run', { testId: id });
  await expect(row.getByRole('img', { name: /^Last 2 runs: .*Newest: failed$/ })).toBeVisible();
  await expect(row.getByText('Error: broke')).toBeVisible();

  await row.getByRole('link').click();
  const history = page.getByRole('region', { name: 'History' });
  await expect(history.getByText('50 %')).toBeVisible();
  await expect(
    history.getByRole('figure', { name: /1 passed, 1 failed|1 failed, 1 passed/ }).locator('canvas'),
  ).toBeVisible();
  await history.getByText('As a table').click();
  await expect(history.getByRole('table', { name: 'History' }).getByRole('link')).toContainText(['Failed', 'Passed']);
  await history.getByRole('table', { name: 'History' }).getByRole('link').first().click();
  await expect(page).toHaveURL(/\/runs\//);
});
