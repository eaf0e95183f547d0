import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installEnvironment } from '#server/config/install-environment.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap, noSandbox, separateUser } from '#server/execution/sandbox/sandbox.ts';
import {
  executed,
  npmBundle as bundle,
  type Overrides,
  type WrittenSuite,
  writeSuite,
} from '#server/testing/executed-suite.ts';
import { zipOfPrograms } from '#server/testing/zip.ts';

const users = process.getuid!() === 0 ? createRunUsers() : undefined;
const sandbox = bubblewrap({ users });
const worker = findBrowser({})!;
// On some systems, this version has browsers of other revisions.
const version = '1.55.1';

let base: string;
let suite: WrittenSuite;
beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
  // Without bubblewrap, the users that execute runs read from this folder.
  await chmod(base, 0o755);
  suite = await writeSuite(
    {
      'package.json': JSON.stringify({ private: true, devDependencies: { '@playwright/test': version } }),
      'playwright.config.ts': `export default { projects: [
        { name: 'one', use: { browserName: 'chromium' } }, { name: 'other', use: { browserName: 'firefox' } }] };`,
      'a.spec.ts': `import { test, expect } from '@playwright/test';
      test('opens a page', async ({ page }) => {
        await page.setContent('<h1>Here</h1>');
        await expect(page.getByRole('heading')).toHaveText('Here');
      });`,
    },
    { prepare: ['npm install --package-lock-only --ignore-scripts --no-audit --no-fund'] },
  );
});
afterAll(async () => {
  await suite[Symbol.asyncDispose]();
  await rm(base, { recursive: true });
});

const folder = (name: string) => path.join(base, name);
const left = async (browsersDir: string) =>
  (await readdir(path.join(browsersDir, 'installed'))).filter((name) => !name.endsWith('.lock'));

it('runs at once install the browser of their version once, also after one that was cancelled while it did', async () => {
  await using host = await startHost();
  const options: Overrides = {
    ...suite,
    bundle,
    installsDir: folder('installs'),
    browsersDir: folder('browsers'),
    sandbox,
    ownBrowsers: ['chromium'],
    options: { projects: ['one'] },
    installEnv: { ...installEnvironment(), PLAYWRIGHT_DOWNLOAD_HOST: host.url },
    // The worker's own browser is not used.
    browser: { ...worker, executablePath: '/bin/false' },
  };
  const cancelled = new AbortController();
  void host.asked.then(() => cancelled.abort('cancelled'));
  const first = await executed({ ...options, signal: cancelled.signal });
  expect(first.outcome).toMatchObject({ status: 'interrupted', code: null });
  expect(await left(options.browsersDir!)).toEqual([]);

  host.open();
  const runs = await Promise.all([executed(options), executed(options)]);
  for (const run of runs) expect(run.outcome, run.log).toMatchObject({ status: 'passed', code: null });
  const logs = runs.map(({ log }) => log.includes('Installed Chromium of Playwright 1.55.1 in'));
  expect(logs.sort()).toEqual([false, true]);
  expect(host.requests.length - 1).toBe(new Set(host.requests).size);
  expect(await left(options.browsersDir!)).toHaveLength(1);

  const later = await executed({ ...options, sandbox: users ? separateUser(users) : noSandbox });
  expect(later.outcome, later.log).toMatchObject({ status: 'passed', code: null });
  expect(host.requests.length - 1).toBe(new Set(host.requests).size);
});

it('a browser that cannot be installed costs only the projects that need it, and is not tried again at once', async () => {
  await using host = await startHost(404);
  host.open();
  const options: Overrides = {
    ...suite,
    bundle,
    installsDir: folder('installs'),
    browsersDir: folder('none'),
    sandbox,
    ownBrowsers: ['chromium'],
    installEnv: { ...installEnvironment(), PLAYWRIGHT_DOWNLOAD_HOST: host.url },
  };
  const one = await executed({ ...options, options: { projects: ['one'] } });
  expect(one.outcome, one.log).toMatchObject({ status: 'passed', code: null });
  expect(one.log).toContain(
    "Chromium of Playwright 1.55.1 could not be installed: Download failed: server returned code 404. The suite gets the worker's Chromium",
  );
  const { length } = host.requests;
  const both = await executed(options);
  expect(both.outcome).toMatchObject({ status: 'failed' });
  expect(both.entries).toContainEqual({
    type: 'error',
    error: expect.objectContaining({
      message: expect.stringMatching(/The project "other" needs Firefox, and the worker .* has Chromium/),
    }),
  });
  expect(both.log).toContain('Chromium of Playwright 1.55.1 could not be installed: Download failed');
  expect(host.requests).toHaveLength(length);
});

/** Serves programs that start the browser of this machine, or answers with the status. It holds all answers until it is opened. */
async function startHost(status = 200) {
  const programs = [
    'chrome-linux64/chrome',
    'chrome-linux/chrome',
    'chrome-headless-shell-linux64/chrome-headless-shell',
    'chrome-linux/headless_shell',
    'ffmpeg-linux',
  ];
  const archive = zipOfPrograms(programs, `#!/bin/sh\nexec ${worker.executablePath} "$@"\n`);
  const requests: string[] = [];
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const body = status === 200 ? archive : '';
    void opened.then(() => response.writeHead(status, { 'content-length': body.length }).end(body));
  });
  const asked = once(server, 'request');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    requests,
    open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
