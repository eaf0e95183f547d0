import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { signUpFirst } from './accounts-app.ts';
import { findings } from './axe.ts';
import { reportRun } from './report-suite.ts';
import { startApp, startTimeoutMs } from './running-app.ts';

test('an owner makes a rule, tests it, sees what a run sent, and sends it again', async ({ page }) => {
  test.setTimeout(startTimeoutMs);
  const bodies: string[] = [];
  const target = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      bodies.push(body);
      res.end('Thank you');
    });
  });
  await once(target.listen(0, '127.0.0.1'), 'listening');
  const { port } = target.address() as AddressInfo;
  await using app = await startApp({ accounts: true, settings: () => ({ NOTIFY_PRIVATE_ADDRESSES: '127.0.0.1' }) });
  await signUpFirst(page, app);
  await page.goto(`${app.url}/settings/notifications`);
  await expect(page.getByText('No rules yet')).toBeVisible();
  expect(await findings(page)).toEqual([]);

  await page.getByRole('button', { name: 'New rule' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Our robot');
  await dialog.getByLabel('Address').fill(`http://127.0.0.1:${port}/hook`);
  await dialog.getByLabel('Every run').check();
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create rule' }).click();
  await expect(page.getByLabel('The key of the webhook')).toHaveValue(/^whsec_/);
  await page.setViewportSize({ width: 390, height: 844 });
  const buttons = page.getByRole('listitem').filter({ hasText: 'Our robot' }).getByRole('button');
  await expect(buttons).toHaveText(['Rotate key', 'Test', 'Change', 'Disable', 'Remove']);
  const places = await buttons.evaluateAll((all) => all.map((it) => it.getBoundingClientRect().top));
  expect(new Set(places.slice(1)).size, 'rows of buttons on a phone').toBe(1);
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.getByRole('button', { name: 'Test Our robot' }).click();
  await expect(page.getByText('The test message arrived: the target answered 200.')).toBeVisible();

  await reportRun(page.request, app.url, { suite: 'Pays' });
  await expect.poll(() => bodies.length).toBe(2);
  await page.reload();
  await page.getByText('Pays passed').click();
  await expect(page.getByLabel('request', { exact: true })).toContainText('"type": "run.ended"');
  await expect(page.getByLabel('answer', { exact: true })).toContainText('Thank you');
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Redeliver' }).click();
  await expect.poll(() => bodies.length).toBe(3);
  expect(bodies[2]).toBe(bodies[1]);

  await page.getByRole('button', { name: 'Rotate key of Our robot' }).press('Enter');
  await dialog.getByRole('button', { name: 'Rotate key' }).press('Enter');
  await expect(dialog.getByLabel('The new key of the webhook')).toHaveValue(/^whsec_/);
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByText('the old key still signs')).toBeVisible();
  target.closeAllConnections();
  target.close();
});
