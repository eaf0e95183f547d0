import { script } from './api.ts';
import { expect, test } from './app-test.ts';
import { quick } from './scripts.ts';

// The test causes violations of the policy on purpose and checks them itself.
test.use({ tolerated: /Content Security Policy|elsewhere\.example|status of 404/ });

test('pages work under a policy without inline scripts and styles, and send no request to another origin', async ({
  page,
  app,
  call,
}) => {
  const violations: string[] = [];
  await page.exposeFunction('noteViolation', (text: string) => violations.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      void (globalThis as unknown as { noteViolation(text: string): void }).noteViolation(
        `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
      );
    });
  });
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(app.url) && !request.url().startsWith('data:')) elsewhere.push(request.url());
  });

  await call('tests.create', { name: 'Under a policy', script: script(quick) });
  await page.goto('/tests');
  await page.getByRole('table', { name: 'Tests' }).getByRole('link', { name: 'Under a policy' }).click();
  const editor = page.getByRole('textbox', { name: 'Script' });
  await expect(editor).toBeVisible();
  // The editor's own styles are loaded: without them, its display is not flex.
  await expect
    .poll(() => page.locator('.cm-editor').evaluate((element) => getComputedStyle(element).display))
    .toBe('flex');
  await editor.click();
  await page.keyboard.press('ControlOrMeta+f');
  await expect(page.getByRole('textbox', { name: 'Find' })).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  for (const path of ['/jobs', '/jobs/new', '/runs', '/workers', '/sign-in']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await page.goto('/runs');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('dialog')).toBeVisible();

  // The policy is in force: injected code does not run.
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="globalThis.injected = true">');
    await fetch('https://elsewhere.example/').catch(() => {});
    return 'injected' in globalThis;
  });
  expect(ran).toBe(false);
  await expect.poll(() => violations.filter((text) => /^(script-src|connect-src)/.test(text)).length).toBe(3);
  expect(
    violations.filter((text) => !/^(script-src-(elem|attr) inline|connect-src https:\/\/elsewhere)/.test(text)),
  ).toEqual([]);
  expect(elsewhere).toEqual([]);
});
