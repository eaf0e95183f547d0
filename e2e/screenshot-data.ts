import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request, type APIRequestContext, type Page } from '@playwright/test';
import { password, signUpInvited } from './accounts-app.ts';
import { call, script } from './api.ts';
import { pushBundle } from './bundles.ts';
import { playLargeRun } from './large-runs.ts';
import { beginReport, reportRun } from './report-suite.ts';
import type { RunningApp } from './running-app.ts';

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
  test.setTimeout(900_000);
  for (let row = 1; row <= 2_400; row += 1) {
    if (row % 50 === 1) console.log(\`\\u001b[2mbatch\\u001b[0m rows \${row} to \${row + 49}\`);
    console.log(\`\\u001b[32mok\\u001b[0m   row \${row}\`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
});`);

/** A name that Playwright does not have, and an action that nothing waits for. */
export const mistyped = script(`
test('a visitor signs out', async ({ page }) => {
  await page.goto('https://shop.example.com');
  await page.getByRol('button', { name: 'Sign out' }).click();
  page.waitForURL('**/goodbye');
  await expect(page.getByRole('heading')).toHaveText('Good bye');
});`);

/** Creates and runs tests and a job. Returns the ids of the job, a failed test, a failed run, which is shared, and a running run. */
export async function fill(page: Page, program: APIRequestContext, url: string) {
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
  const { path: shared } = await call<{ path: string }>(program, url, 'shareLinks.create', { runId: failedRunId });
  const { result } = (await listed.json()) as { result: { data: { items: { id: string }[] } } };
  return { jobId, addressId, failedRunId, liveRunId, shared, caseId: result.data.items[0]!.id };
}

/** Creates, as the owner, an API key, members, an invitation, variables, a second project and a second organisation. */
export async function furnish(page: Page, app: RunningApp) {
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

/** Where the rules of `tell` send, on this machine. */
export const tellSettings = { NOTIFY_PRIVATE_ADDRESSES: '127.0.0.1' };

/** Creates, as the owner, rules for notifications, one of them with a target that is down. Returns what ends the targets. */
export async function tell(owner: APIRequestContext, { url }: RunningApp) {
  const target = createServer((req, res) => void res.writeHead(req.url === '/down' ? 503 : 200).end('ok'));
  await once(target.listen(0, '127.0.0.1'), 'listening');
  const address = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
  const all = { scope: { kind: 'all' } };
  const rules = [
    {
      ...all,
      name: 'Team channel',
      events: ['failed', 'recovered'],
      target: { kind: 'slack' },
      secret: `${address}/chat`,
    },
    { ...all, name: 'Release robot', events: ['always'], target: { kind: 'webhook', url: `${address}/robot` } },
    { ...all, name: 'Old pager', events: ['newly_failing'], target: { kind: 'webhook', url: `${address}/down` } },
  ];
  for (const rule of rules) await call(owner, url, 'notifications.create', rule);
  return () => {
    target.closeAllConnections();
    target.close();
  };
}

const casesOfShard = 24;

/** Large runs, and a suite: reported, once in four shards that go on, and pushed. `stop` ends what goes on. */
export async function fillSuites(program: APIRequestContext, app: RunningApp) {
  const { url } = app;
  const suite = 'Checkout';
  for (const failed of [false, false, true, false, true]) await reportRun(program, url, { suite, failed });
  await reportRun(program, url, { suite, branch: 'faster-cart' });
  const shards = [1, 2, 3, 4].map((current) => ({ current, total: 4 }));
  const reports: Awaited<ReturnType<typeof beginReport>>[] = [];
  for (const shard of shards) {
    const executor = `gh-runner-${shard.current}`;
    const report = await beginReport(program, url, { suite: 'Checkout, release', build: '812', shard, executor });
    await report.list(...Array.from({ length: casesOfShard }, (_, nth) => `pays order ${shard.current * 100 + nth}`));
    await report.start(0);
    reports.push(report);
  }
  const begun = [0, 0, 0, 0];
  /** The shards go on, each at its own pace, and not to their ends. */
  const goOn = async () => {
    for (const [shard, report] of reports.entries()) {
      const index = begun[shard]!;
      const isIdle = index > casesOfShard - 5 + shard || Math.random() < 0.4;
      if (isIdle) await report.beat();
      else {
        await (shard === 1 && index === 3 ? report.fail(index) : report.pass(index));
        await report.start(index + 1);
        begun[shard] = index + 1;
      }
    }
  };
  let last = Promise.resolve();
  const going = setInterval(() => (last = last.then(goOn)), 2_000);

  const large = async (name: string, liveFrom?: number) => {
    const { id } = await call(program, url, 'tests.create', { name, script: script(`test('a', () => {});`) });
    return playLargeRun(app, id, liveFrom === undefined ? { before: 4 } : { before: 1, liveFrom });
  };
  const finished = await large('Web shop, whole suite');
  const live = await large('Web shop, release', 0.3);
  const suiteId = await pushBundle(program, url, suite, {
    branch: 'main',
    commitSha: '0123456789abcdef0123456789abcdef01234567',
    commitMessage: 'Round once',
  });
  for (const branch of [undefined, 'main']) await call(program, url, 'badges.create', { suiteId, branch });
  return {
    largeRunId: finished.runId,
    liveLargeRunId: live.runId,
    suiteId,
    shardedRunId: reports[0]!.runId,
    stop: async () => {
      clearInterval(going);
      live.stop();
      await last;
      await program.dispose();
    },
  };
}
