import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';

// A link that was revoked is refused.
test.use({ tolerated: /401/ });

test('a share link opens one run live and read-only, on a phone and without signing in, until it is revoked; the run is downloaded', async ({
  page,
  browser,
  baseURL,
  context,
  gate,
  runScript,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { runId } = await runScript(
    'Shared checkout',
    `test('adds to the cart', () => { console.log('in the cart'); });
     test('pays by card', async () => { ${gate.wait} expect(1, 'no money').toBe(2); });`,
  );
  await page.goto(`/runs/${runId}`);
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share links' });
  await expect(dialog.getByText('This run has no share link.')).toBeVisible();
  await page.keyboard.press('Tab');
  await dialog.getByLabel('Expires after').selectOption('30');
  await dialog.getByRole('button', { name: 'Create link' }).press('Enter');
  const link = await dialog.getByRole('textbox', { name: 'The new link' }).inputValue();
  expect(link).toMatch(new RegExp(`^${baseURL}/shared/rls_`));
  await expect(dialog.getByRole('listitem')).toContainText('not opened yet');
  expect(await findings(page)).toEqual([]);

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, baseURL: baseURL! });
  const guest = await phone.newPage();
  const asked: string[] = [];
  guest.on('request', (request) => asked.push(request.url()));
  await guest.goto(link);
  await expect(guest.getByRole('heading', { name: 'Shared checkout', level: 1 })).toBeVisible();
  await expect(guest.getByText('Shared run, read-only')).toBeVisible();
  await expect(guest.getByText('1 of 2 done')).toBeVisible();
  await expect(guest.getByRole('navigation', { name: 'Main' })).toHaveCount(0);
  await expect(guest.getByRole('button', { name: /^(Cancel|Retry|Share)/ })).toHaveCount(0);
  const tree = guest.getByRole('tree', { name: 'Tests' });
  gate.open();
  await expect(guest).toHaveTitle(/^Failed: Shared checkout/);
  expect(await findings(guest)).toEqual([]);
  await guest.screenshot({ path: test.info().outputPath('share-link-phone.png') });

  // It stands among what failed, and in its file.
  await tree
    .getByRole('treeitem', { name: /pays by card/ })
    .last()
    .click();
  await expect(guest.getByText('no money').first()).toBeVisible();
  await expect(guest.getByRole('region', { name: 'History' })).toHaveCount(0);
  await expect(guest).toHaveURL(/\/shared\/rls_[\w-]+\?case=1/);
  await guest.reload();
  await expect(guest.getByText('no money').first()).toBeVisible();
  const links = await guest.getByRole('link').evaluateAll((all) => all.map((it) => it.getAttribute('href') ?? ''));
  // The run itself, and its files.
  const known = new RegExp(`^\\?|^/shared/|/artifacts/${runId}/|%2Fartifacts%2F${runId}%2F`);
  expect(links.filter((href) => !known.test(href))).toEqual([]);
  // Nothing was asked for that a guest may not have.
  expect(asked.filter((url) => /account\.|activity\.|cases\.|queue\.|compare/.test(url))).toEqual([]);

  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog', { name: 'Revoke the share link?' }).getByRole('button', { name: 'Revoke' }).click();
  await expect(dialog.getByText('This run has no share link.')).toBeVisible();
  await guest.reload();
  await expect(guest.getByText('expired or was revoked')).toBeVisible();
  expect(await findings(guest)).toEqual([]);
  await phone.close();

  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Download' }).click();
  const downloads = page.getByRole('dialog', { name: 'Download the run' });
  await expect(downloads.getByRole('link')).toHaveText([
    'JUnit XML',
    'Playwright JSON',
    'Markdown summary',
    'Everything as NDJSON',
  ]);
  expect(await findings(page)).toEqual([]);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    downloads.getByRole('link', { name: 'JUnit XML' }).press('Enter'),
  ]);
  expect(download.suggestedFilename()).toBe('junit.xml');
  await page.keyboard.press('Escape');
  await expect(downloads).toBeHidden();
});
