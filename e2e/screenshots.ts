// Writes docs/screenshots/: every page of the built app in light, in dark and on a phone, with real runs. Arguments: names of
// pictures; without any, all of them are made.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { chromium, request, type BrowserContextOptions, type Page } from '@playwright/test';
import { signUpFirst } from './accounts-app.ts';
import { launchOptions } from './browser.ts';
import { startApp } from './running-app.ts';
import { fill, fillSuites, furnish, mistyped, tell, tellSettings } from './screenshot-data.ts';

const folder = path.resolve(import.meta.dirname, '../docs/screenshots');
const mostBytes = 250_000;
const chosen = process.argv.slice(2);

interface Shot {
  name: string;
  address: string;
  /** True for pages of visitors who have not signed in. */
  isOutside?: boolean;
  /** Runs before the screenshot is taken. */
  prepare?: (page: Page) => Promise<unknown>;
}

/** Waits for the rows of a run, and for a second in which histories of them come. */
async function seeRows(page: Page) {
  await page.getByRole('treeitem').first().waitFor();
  await page.waitForTimeout(1_000);
}

const looks: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

if (chosen.length === 0) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await using app = await startApp({ accounts: true, settings: () => tellSettings });
const browser = await chromium.launch(launchOptions);
let stop = async () => {};
let endTargets = () => {};
const tooLarge: string[] = [];
try {
  const setup = await browser.newContext();
  const owner = await setup.newPage();
  await signUpFirst(owner, app);
  const { key, invitation } = await furnish(owner, app);
  endTargets = await tell(owner.request, app);
  const program = await request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  const made = await fill(owner, program, app.url);
  const suites = await fillSuites(program, app);
  stop = suites.stop;
  const storageState = await setup.storageState();
  await setup.close();
  const shots: Shot[] = [
    // What goes on comes first, before it ends.
    { name: 'large-run-live', address: `/runs/${suites.liveLargeRunId}`, prepare: seeRows },
    { name: 'suite-run-live', address: `/runs/${suites.shardedRunId}`, prepare: seeRows },
    {
      name: 'run-live',
      address: `/runs/${made.liveRunId}`,
      prepare: (page) => page.getByRole('log').getByText('row').first().waitFor(),
    },
    { name: 'overview', address: '/' },
    {
      name: 'case',
      address: `/cases/${made.caseId}`,
      prepare: (page) => page.locator('figure canvas').waitFor(),
    },
    { name: 'runs', address: '/runs' },
    { name: 'run', address: `/runs/${made.failedRunId}` },
    { name: 'large-run', address: `/runs/${suites.largeRunId}`, prepare: seeRows },
    { name: 'large-run-failed', address: `/runs/${suites.largeRunId}?filter=failed&group=error`, prepare: seeRows },
    {
      name: 'large-run-case',
      address: `/runs/${suites.largeRunId}?filter=failed`,
      prepare: async (page) => {
        const row = page.getByRole('treeitem', { name: /^Failed: / }).first();
        await row.click();
        await page.getByRole('heading', { level: 2 }).first().waitFor();
      },
    },
    { name: 'suites', address: '/suites' },
    {
      name: 'suite',
      address: `/suites/${suites.suiteId}`,
      prepare: (page) => page.locator('figure canvas').waitFor(),
    },
    { name: 'suite-bundles', address: `/suites/${suites.suiteId}?tab=bundles` },
    {
      name: 'badges',
      address: `/suites/${suites.suiteId}`,
      prepare: async (page) => {
        await page.getByRole('button', { name: 'Badge' }).click();
        await page.getByRole('img', { name: 'Checkout (main)' }).waitFor();
      },
    },
    { name: 'tests', address: '/tests' },
    {
      name: 'test',
      address: `/tests/${made.addressId}`,
      prepare: (page) => page.getByRole('textbox', { name: 'Script' }).waitFor(),
    },
    {
      name: 'test-types',
      address: '/tests/new',
      prepare: async (page) => {
        const editor = page.getByRole('textbox', { name: 'Script' });
        await editor.fill(mistyped);
        await page.getByText(/type warnings?: line/).waitFor();
        await page.locator('.cm-lintRange-warning').first().hover();
        await page.locator('.cm-tooltip').first().waitFor();
      },
    },
    { name: 'jobs', address: '/jobs' },
    { name: 'job', address: `/jobs/${made.jobId}`, prepare: (page) => page.locator('figure canvas').waitFor() },
    { name: 'new-job', address: '/jobs/new' },
    { name: 'variables', address: '/settings/variables' },
    { name: 'workers', address: '/workers' },
    {
      name: 'palette',
      address: '/runs',
      prepare: async (page) => {
        await page.keyboard.press('ControlOrMeta+k');
        await page.getByRole('option', { name: /^Run Cart adds up/ }).waitFor();
      },
    },
    { name: 'account', address: '/settings/account' },
    { name: 'members', address: '/settings/members' },
    { name: 'keys', address: '/settings/keys' },
    { name: 'projects', address: '/settings/projects' },
    {
      name: 'notifications',
      address: '/settings/notifications',
      prepare: (page) =>
        page
          .getByText(/Release robot · Every run/)
          .first()
          .waitFor(),
    },
    {
      name: 'notification-delivery',
      address: '/settings/notifications',
      prepare: async (page) => {
        const delivery = page.getByText(/Release robot · Every run/).first();
        await delivery.click();
        await delivery.evaluate((it) => it.scrollIntoView());
      },
    },
    { name: 'audit', address: '/settings/audit' },
    { name: 'shared-run', address: made.shared, isOutside: true, prepare: seeRows },
    { name: 'sign-in', address: '/sign-in', isOutside: true },
    { name: 'join', address: invitation.replace(app.url, ''), isOutside: true },
  ];
  const contexts = await Promise.all(
    Object.entries(looks).map(async ([look, options]) => {
      const inside = await browser.newContext({ ...options, storageState, reducedMotion: 'reduce' });
      const outside = await browser.newContext({ ...options, reducedMotion: 'reduce' });
      return { look, inside, outside };
    }),
  );
  for (const { name, address: at, prepare, isOutside } of shots) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    for (const { look, inside, outside } of contexts) {
      const page = await (isOutside ? outside : inside).newPage();
      await page.goto(`${app.url}${at}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (!isOutside) await page.getByRole('status', { name: 'Connection' }).getByText('Live').waitFor();
      await prepare?.(page);
      await page.waitForFunction(() => !/(^|\n)Loading/.test(document.body.innerText));
      // Waits for code that the page loads late, such as plots.
      await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 3_000 })));
      const file = path.join(folder, `${name}-${look}.png`);
      await page.screenshot({ path: file });
      const { size } = statSync(file);
      console.log(`${name}-${look}.png  ${Math.round(size / 1_000)} kB`);
      if (size > mostBytes) tooLarge.push(file);
      await page.close();
    }
  }
} finally {
  await stop();
  endTargets();
  await browser.close();
}
if (tooLarge.length > 0) throw new Error(`Larger than ${mostBytes} bytes: ${tooLarge.join(', ')}`);
