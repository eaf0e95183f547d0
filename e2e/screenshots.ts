// Writes docs/screenshots/: every page of the built app in light, in dark and on a phone, with real runs.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { chromium, request, type APIRequestContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { password, signUpFirst, signUpInvited } from './accounts-app.ts';
import { call, script } from './api.ts';
import { launchOptions } from './browser.ts';
import { type RunningApp, startApp } from './running-app.ts';

const folder = path.resolve(import.meta.dirname, '../docs/screenshots');
const mostBytes = 200_000;

const cart = script(`
const lines = [
  { item: 'Desk lamp', price: 39.5, amount: 1 },
  { item: 'Light bulb', price: 2.5, amount: 4 },
];

test('the total counts every line', async () => {
  const total = await test.step('Add up the lines', () =>
    lines.reduce((sum, { price, amount }) => sum + price * amount, 0));
  console.log(\`\${lines.length} lines, \${total.toFixed(2)} EUR\`);
  await test.step('Compare with the receipt', () => expect(total).toBe(49.5));
});

test('an empty cart costs nothing', () => {
  expect([].length).toBe(0);
});`);

const address = (city: string) =>
  script(`
const stored = { street: '12 Harbour Road', city: '${city}', country: 'DE' };

test('an address survives a round trip', async () => {
  const sent = await test.step('Send it', () => JSON.stringify(stored));
  console.log('sent', sent.length, 'bytes');
  await test.step('Read it back', () => {
    expect(JSON.parse(sent), 'the address').toEqual({ street: '12 Harbour Road', city: 'Kiel', country: 'DE' });
  });
});`);

const signIn = script(`
test('a visitor signs in', async ({ page }) => {
  await page.setContent('<h1>Welcome</h1><label>Name <input></label><button>Sign in</button>');
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading')).toHaveText('Welcome');
});`);

const rowByRow = script(`
test('the export is written row by row', async () => {
  test.setTimeout(300_000);
  for (let row = 1; row <= 900; row += 1) {
    if (row % 50 === 1) console.log(\`\\u001b[2mbatch\\u001b[0m rows \${row} to \${row + 49}\`);
    console.log(\`\\u001b[32mok\\u001b[0m   row \${row}\`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
});`);

/** Creates and runs tests and a job. Returns the ids of the job, a failed test, a failed run and a running run. */
async function fill(page: Page, program: APIRequestContext, url: string) {
  const api = (procedure: string, input: object) => call(program, url, procedure, input);
  const finished = async (runId: string) => {
    await page.goto(`${url}/runs/${runId}`);
    await page.waitForFunction(() => /^(Passed|Failed|Error):/.test(document.title), undefined, { timeout: 120_000 });
  };
  const create = async (name: string, text: string) => (await api('tests.create', { name, script: text })).id;
  const cartId = await create('Cart adds up', cart);
  const addressId = await create('Address survives a round trip', address('Kiel'));
  const signInId = await create('Visitor signs in', signIn);
  const exportId = await create('Export is written', rowByRow);
  const { id: jobId } = await api('jobs.create', {
    name: 'Shop, every morning',
    testIds: [cartId, signInId, addressId],
    schedule: '0 7 * * 1-5',
    timezone: 'Europe/Berlin',
  });
  const runJob = async () => {
    const { runId } = await api('jobs.run', { jobId });
    await finished(runId);
    return runId;
  };
  for (let times = 0; times < 3; times += 1) await runJob();
  for (const testId of [cartId, signInId]) await finished((await api('tests.run', { testId })).runId);
  await api('tests.update', { testId: addressId, script: address('Kiel (DE)') });
  const failedRunId = await runJob();
  await finished((await api('tests.run', { testId: addressId })).runId);
  await finished((await api('tests.run', { testId: cartId })).runId);
  const { runId: liveRunId } = await api('tests.run', { testId: exportId });
  const listed = await program.get(`${url}/api/trpc/cases.list`);
  const { result } = (await listed.json()) as { result: { data: { items: { id: string }[] } } };
  return { jobId, addressId, failedRunId, liveRunId, caseId: result.data.items[0]!.id };
}

/** Creates, as the owner, an API key, members, an invitation, variables, a second project and a second organisation. */
async function furnish(page: Page, app: RunningApp) {
  const { url } = app;
  await page.goto(`${url}/settings/keys`);
  await page.getByLabel('Name').fill('CI');
  await page.getByRole('button', { name: 'Create key' }).click();
  const key = await page.getByRole('textbox', { name: 'The new key' }).inputValue();
  const colleague = { by: page.request, role: 'editor' } as const;
  for (const invited of [
    { ...colleague, name: 'Katherine Johnson' },
    { ...colleague, name: 'Annie Easley', to: 'members.inviteToProject' },
  ] as const) {
    const guest = await request.newContext();
    await signUpInvited(guest, app, invited);
    await guest.dispose();
  }
  await page.goto(`${url}/settings/members`);
  await page.getByLabel('E-mail address').fill('grace@example.com');
  await page.getByRole('button', { name: 'Invite' }).click();
  const invitation = await page.getByRole('textbox', { name: 'Link of the invitation' }).inputValue();
  await page.goto(`${url}/settings/variables`);
  for (const name of ['API_TOKEN', 'SHOP_URL']) {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Value').fill(password);
    await page.getByRole('button', { name: 'Set variable' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: `${name} is set.` })
      .waitFor();
  }
  await page.goto(`${url}/settings/projects`);
  await page.getByRole('button', { name: 'New project' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Warehouse');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByRole('button', { name: 'Show Warehouse' }).waitFor();
  await call(page.request, url, 'organizations.create', { name: 'Logistics', project: 'Parcels' });
  return { key, invitation };
}

interface Shot {
  name: string;
  address: string;
  /** True for pages of visitors who have not signed in. */
  isOutside?: boolean;
  /** Runs before the screenshot is taken. */
  prepare?: (page: Page) => Promise<unknown>;
}

const looks: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await using app = await startApp({ accounts: true });
const browser = await chromium.launch(launchOptions);
try {
  const setup = await browser.newContext();
  const owner = await setup.newPage();
  await signUpFirst(owner, app);
  const { key, invitation } = await furnish(owner, app);
  const program = await request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  const made = await fill(owner, program, app.url);
  await program.dispose();
  const storageState = await setup.storageState();
  await setup.close();
  const shots: Shot[] = [
    { name: 'overview', address: '/' },
    {
      name: 'case',
      address: `/cases/${made.caseId}`,
      prepare: (page) => page.locator('figure canvas').waitFor(),
    },
    { name: 'runs', address: '/runs' },
    { name: 'run', address: `/runs/${made.failedRunId}` },
    {
      name: 'run-live',
      address: `/runs/${made.liveRunId}`,
      prepare: (page) => page.getByRole('log').getByText('row').first().waitFor(),
    },
    { name: 'tests', address: '/tests' },
    {
      name: 'test',
      address: `/tests/${made.addressId}`,
      prepare: (page) => page.getByRole('textbox', { name: 'Script' }).waitFor(),
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
    { name: 'audit', address: '/settings/audit' },
    { name: 'sign-in', address: '/sign-in', isOutside: true },
    { name: 'join', address: invitation.replace(app.url, ''), isOutside: true },
  ];
  for (const [look, options] of Object.entries(looks)) {
    const inside = await browser.newContext({ ...options, storageState, reducedMotion: 'reduce' });
    const outside = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    for (const { name, address: at, prepare, isOutside } of shots) {
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
      if (size > mostBytes) throw new Error(`${file} is larger than ${mostBytes} bytes.`);
      await page.close();
    }
    await inside.close();
    await outside.close();
  }
} finally {
  await browser.close();
}
