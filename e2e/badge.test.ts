import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { findings } from './axe.ts';

test('a badge is made, copied and shown by a page of another site, until it is revoked', async ({
  page,
  context,
  browser,
  runScript,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { testId } = await runScript('Badge of checkout', `test('pays', () => {});`);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/tests/${testId}`);
  await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Badge' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Status badges' });
  await expect(dialog.getByText('There is no badge yet.')).toBeVisible();
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create badge' }).press('Enter');
  const preview = dialog.getByRole('img', { name: 'Badge of checkout' });
  await expect(preview).toHaveJSProperty('complete', true);
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Copy Markdown of Badge of checkout' }).click();
  const markdown = await page.evaluate(() => navigator.clipboard.readText());
  const [, image, link] = /^\[!\[Badge of checkout\]\((.+)\)\]\((.+)\)$/.exec(markdown)!;
  expect(new URL(link!).pathname).toBe(`/tests/${testId}`);
  await dialog.getByLabel('Format of Badge of checkout').selectOption('HTML');
  const html = await dialog.getByLabel('HTML of Badge of checkout').inputValue();
  expect(html).toContain(`src="${image}"`);

  const site = createServer((_, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end(html));
  await once(site.listen(0, '127.0.0.1'), 'listening');
  // Another site: localhost is none of 127.0.0.1's.
  const reader = await browser.newPage();
  await reader.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
  const shown = reader.getByRole('img', { name: 'Badge of checkout' });
  const width = () => shown.evaluate((it: HTMLImageElement) => it.naturalWidth);
  expect(await width()).toBeGreaterThan(100);
  const svg = async () => (await reader.request.get(image!)).text();
  await expect.poll(svg).toContain('aria-label="Badge of checkout: 1 passed"');

  await dialog.getByRole('button', { name: 'Revoke Badge of checkout' }).click();
  await page.getByRole('dialog', { name: 'Revoke the badge?' }).getByRole('button', { name: 'Revoke' }).click();
  await expect(dialog.getByText('There is no badge yet.')).toBeVisible();
  expect(await svg()).toContain('badge not found');
  await reader.close();
  site.closeAllConnections();
  site.close();
});

test('a badge of a job is made of one of the branches that it ran of', async ({ page, call }) => {
  const { id } = await call('tests.create', { name: 'Part of a badge', script: script(`test('pays', () => {});`) });
  const { id: jobId } = await call('jobs.create', { name: 'Badge of a job', testIds: [id] });
  const { runId } = await call('jobs.run', { jobId, commit: { branch: 'round-twice' } });
  await call('runs.cancel', { runId });
  await page.goto(`/jobs/${jobId}`);
  await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Badge' }).click();
  const dialog = page.getByRole('dialog', { name: 'Status badges' });
  await dialog.getByRole('combobox', { name: 'Branch' }).selectOption('round-twice');
  await dialog.getByRole('button', { name: 'Create badge' }).click();
  await expect(dialog.getByRole('img', { name: 'Badge of a job (round-twice)' })).toBeVisible();
  expect(await findings(page)).toEqual([]);
});
