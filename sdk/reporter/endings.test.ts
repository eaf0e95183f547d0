import { beforeAll, expect, test } from 'vitest';
import { ownStorage } from '#shared/playwright/report-page.ts';
import { reportSilentMs } from '#shared/reports.ts';
import { ago } from '#server/db/ago.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { eventually } from '#server/testing/eventually.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { playwrightSuite, type StartedSuite } from './testing/playwright-suite.ts';
import { reportedRun, runIdIn } from '#server/testing/reported-run.ts';
import { goOn, reached, steeredSuite } from '#server/testing/steered-suite.ts';

const app = useTestApp({});
beforeAll(() => void builtPackage());

const access = () => ({ RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token });
const begun = (running: StartedSuite) => eventually(() => runIdIn(running.output.stderr), { withinMs: 60_000 });

test('a cancel in Runlight interrupts the case in flight, and the log of the CI says who did it', async () => {
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], access());
  const runId = await begun(running);
  await goOn(suite, 'one');
  await reached(suite, 'two');
  await app().client.api.runs.cancel.mutate({ runId });
  const { code, stderr, stdout } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('Runlight: the run was cancelled');
  expect(stdout).toContain('1 interrupted');
  const run = await reportedRun(app(), runId);
  expect(run).toMatchObject({ status: 'cancelled', passed: 1, errorCode: null });
  expect(run.cases.map(({ status }) => status)).toEqual(['passed', 'interrupted', 'skipped']);
});

test('Ctrl-C ends the run as interrupted, with what there is', async () => {
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], access());
  const runId = await begun(running);
  await goOn(suite, 'one');
  await reached(suite, 'two');
  process.kill(-running.child.pid!, 'SIGINT');
  expect((await running.ended).code).toBe(130);
  const run = await reportedRun(app(), runId);
  expect(run).toMatchObject({ status: 'error', errorDetails: expect.stringContaining('interrupted'), passed: 1 });
});

test('a process.exit() of the suite ends the run with what there is', async () => {
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], { ...access(), TEARDOWN: './exits.ts' });
  await goOn(suite, 'one', 'two', 'three');
  const { code, stderr } = await running.ended;
  expect(code).toBe(7);
  const run = await reportedRun(app(), runIdIn(stderr));
  expect(run).toMatchObject({ status: 'error', passed: 3 });
  expect(run.events).toContainEqual(
    expect.objectContaining({ type: 'log', text: expect.stringContaining('process.exit()') }),
  );
});

test('a suite that is killed and started again goes on in its run', async () => {
  await using suite = await playwrightSuite(steeredSuite);
  const env = { ...access(), RUNLIGHT_BUILD_ID: 'killed' };
  const first = suite.start([], env);
  const runId = await begun(first);
  await goOn(suite, 'one');
  await reached(suite, 'two');
  process.kill(-first.child.pid!, 'SIGKILL');
  await first.ended;
  await goOn(suite, 'two', 'three');
  const second = suite.start([], env);
  await eventually(() => expect(second.output.stdout).toContain('steered.spec.ts'), { withinMs: 60_000 });
  // As if the time had passed in which the first one is not yet given up.
  await app()
    .services.db.updateTable('runParts')
    .set({ heartbeatAt: ago(reportSilentMs + 1_000) })
    .where('runId', '=', runId)
    .execute();
  const { code, stderr } = await second.ended;
  expect(code).toBe(0);
  expect(runIdIn(stderr)).toBe(runId);
  expect(await reportedRun(app(), runId)).toMatchObject({ status: 'passed', total: 3, passed: 3 });
});

test.for(['runlight/reporter,html', 'html,runlight/reporter'])(
  'the HTML report is sent if asked for, as %s',
  async (reporters) => {
    await using suite = await playwrightSuite(steeredSuite);
    await goOn(suite, 'one', 'two', 'three');
    const { code, stderr } = await suite.run([`--reporter=${reporters}`], { ...access(), RUNLIGHT_REPORT: '1' });
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    const { reportPath } = await reportedRun(app(), runIdIn(stderr));
    const page = await (await fetch(app().url + reportPath!, { headers: app().headers })).text();
    // It works without storage, which pages of reports do not have in Runlight.
    expect(page).toContain(ownStorage);
    expect(page).toContain('playwright');
  },
);

test('shards in processes of their own are one run', async () => {
  await using suite = await playwrightSuite(steeredSuite);
  await goOn(suite, 'one', 'two', 'three');
  const env = { ...access(), RUNLIGHT_BUILD_ID: 'sharded' };
  const shards = await Promise.all(
    ['1/2', '2/2'].map((shard) => suite.run([`--shard=${shard}`, '--fully-parallel'], env)),
  );
  expect(shards.map(({ code }) => code)).toEqual([0, 0]);
  const [runId, ...others] = new Set(shards.map(({ stderr }) => runIdIn(stderr)));
  expect(others).toEqual([]);
  expect(await reportedRun(app(), runId!)).toMatchObject({
    status: 'passed',
    total: 3,
    passed: 3,
    parts: [{ status: 'passed' }, { status: 'passed' }],
  });
});
