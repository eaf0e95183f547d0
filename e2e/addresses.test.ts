import { expect, test } from './app-test.ts';
import { quick } from './scripts.ts';

test('addresses with values that mean nothing show the page as without them', async ({ page, runScript }) => {
  const { runId, testId } = await runScript('Wanted', quick);
  // One address has many values that mean nothing: each is dropped by itself.
  const ofRuns = [
    'q=[1]',
    'q=true',
    'q=a&q=b',
    'status=passed&status=failed',
    'status=3&from=yesterday&kind=foo&trigger=nightly&test=abc&x=1',
    'time=1y&job=------------------------------------',
    'from=2026-02-31&to=0000-01-01',
  ];
  const ofLog = ['from=yesterday&who=true&what=everything&target={"a":1}', 'who=1&who=2'];
  for (const [path, searches, title] of [
    ['/runs', ofRuns, 'Runs'],
    ['/settings/audit', ofLog, 'Audit log'],
    ['/tests', ['q=a&q=b', 'q=1e5', 'q={"a":1}'], 'Tests'],
    ['/jobs', ['q=a&q=b', 'q=true'], 'Jobs'],
    ['/tests/new', ['template=none'], 'New test'],
    [`/tests/${testId}`, ['run=latest'], 'Wanted'],
    [`/runs/${runId}`, ['tab=summary&line=-1&artifact=7', 'tab=log&tab=report', 'step=[1]'], 'Wanted'],
  ] as const) {
    for (const search of searches) {
      await page.goto(`${path}?${search}`);
      await expect(page.getByRole('heading', { name: title, level: 1 }), search).toBeVisible();
      await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
      await expect(page.getByText(/This page broke|could not be loaded/), search).toHaveCount(0);
      const isText = /^q=|^step=/.test(search);
      // The router puts a clean address in its place, unless a parameter was given twice.
      const names = search.split('&').map((parameter) => parameter.split('=')[0]);
      if (!isText && new Set(names).size === names.length) await expect(page, search).toHaveURL(new RegExp(`${path}$`));
      if (path === `/runs/${runId}`)
        await expect(page.getByRole('link', { name: 'Test', exact: true })).toHaveAttribute('aria-current', 'page');
    }
  }
});

test('a text to search for stays as it was typed', async ({ page }) => {
  await page.goto('/runs');
  const box = page.getByRole('searchbox', { name: 'Search runs' });
  for (const text of ['123', 'true', '"x"', '007', '{"a":1}', '1e5', '"123"']) {
    await box.fill(text);
    await expect(page.getByText('No run matches')).toBeVisible();
    // Quotes around what JSON can read have a meaning in old bookmarks.
    const written = text === '"123"' ? JSON.stringify(text) : text;
    await page.waitForURL(({ searchParams }) => searchParams.get('q') === written);
    await page.reload();
    await expect(box).toHaveValue(text);
  }
  await page.goto('/runs?q=%22123%22');
  await expect(box).toHaveValue('123');
});
