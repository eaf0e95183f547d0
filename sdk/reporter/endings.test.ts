import { beforeAll, expect, test } from 'vitest';
import { ownStorage } from '#shared/playwright/report-page.ts';
import { reportSilentMs } from '#shared/reports.ts';
import { ago } from '#server/db/ago.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { playwrightSuite, type StartedSuite } from './testing/playwright-suite.ts';
import { reportedRun, runIdIn } from '#server/testing/reported-run.ts';
import { goOn, reached, steeredSuite } from '#server/testing/steered-suite.ts';
import { startWatchers } from '#server/testing/watchers.ts';

const app = useTestApp({});
beforeAll(() => void builtPackage());

const access = () => ({ RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token });
const begun = (running: StartedSuite) => eventually(() => runIdIn(running.output.stderr), { withinMs: 60_000 });

test('a cancel interrupts the case in flight, the log of the CI says who did it, and so it says of a shard that comes later', async () => {
  await using suite = await playwrightSuite(steeredSuite);
  const shard = (index: number) => [`--shard=${index}/2`, '--fully-parallel', `--output=results-${index}`];
  const env = { ...access(), RUNLIGHT_BUILD_ID: 'cancelled' };
  const running = suite.start(shard(1), env);
  const runId = await begun(running);
  await goOn(suite, 'one');
  await reached(suite, 'two');
  await app().client.api.runs.cancel.mutate({ runId });
  const { code, stderr, stdout } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('Runlight: the run was cancelled by Access token.');
  expect(stdout).toContain('1 interrupted');
  const run = await reportedRun(app(), runId);
  expect(run).toMatchObject({ status: 'cancelled', passed: 1, errorCode: null });
  expect(run.cases.map(({ status }) => status)).toEqual(['passed', 'interrupted']);

  const late = await suite.run(shard(2), env);
  expect(late).toMatchObject({
    code: 130,
    stderr: `Runlight: The run of this build was cancelled by Access token before part 2 began. Run the job again for a new run. ${app().url}/runs/${runId}\n`,
  });
  const { items } = await app().client.api.runs.list.query({ suiteId: run.suiteId! });
  expect(items.filter(({ id }) => id > runId)).toEqual([]);
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

test('a suite that is killed and started again at once goes on in its run; while it lives, no other process gets its part', async () => {
  await using suite = await playwrightSuite(steeredSuite);
  const env = { ...access(), RUNLIGHT_BUILD_ID: 'killed' };
  const first = suite.start([], env);
  const runId = await begun(first);
  using watchers = startWatchers({ servers: [app()], runId, logs: 10, states: 5, cases: 5 });
  await goOn(suite, 'one', 'three');
  await reached(suite, 'two');
  const waits = (seconds: number) =>
    `Runlight: waits for up to ${seconds} s: another process has this part of the run until nothing was heard of it for 20 s.`;
  const other = await suite.run(['-g', 'third', '--output=other'], { ...env, CATCH_UP: '1' });
  expect({ code: other.code, lines: other.stderr.trim().split('\n') }).toEqual({
    code: 0,
    lines: [
      waits(1),
      expect.stringMatching(
        /^Runlight: not reported: Part 1 of this build is being reported by \S+ since .* RUNLIGHT_SUITE\./,
      ),
    ],
  });
  process.kill(-first.child.pid!, 'SIGKILL');
  await first.ended;
  await goOn(suite, 'two');
  const second = suite.start([], env);
  await eventually(() => expect(second.output.stderr).toContain(waits(30)), { withinMs: 60_000 });
  expect(second.output.stdout).toContain('3 passed');
  // As if the time had passed in which the first one is not yet given up.
  await app()
    .services.db.updateTable('runParts')
    .set({ heartbeatAt: ago(reportSilentMs + 1_000) })
    .where('runId', '=', runId)
    .execute();
  const { code, stderr } = await second.ended;
  expect(code).toBe(0);
  expect(runIdIn(stderr)).toBe(runId);
  const run = await reportedRun(app(), runId);
  expect(run).toMatchObject({ status: 'passed', total: 3, passed: 3, parts: [{ status: 'passed', total: 3 }] });
  expect(run.cases.map(({ title, status }) => `${title}: ${status}`)).toEqual([
    'first: passed',
    'second: passed',
    'third: passed',
  ]);
  await expectNothingLost('killed and started again', watchers, app().services, runId);
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

test.each([-1, 1])('a machine with a clock %s h off reports at the time of Runlight', async (hours) => {
  await using suite = await playwrightSuite({
    ...steeredSuite,
    'clock.cjs': `const offMs = ${hours} * 3_600_000;
const { Date: RealDate } = globalThis;
globalThis.Date = class Date extends RealDate {
  constructor(...of) {
    super(...(of.length === 0 ? [RealDate.now() + offMs] : of));
  }
  static now() {
    return RealDate.now() + offMs;
  }
};
`,
  });
  await goOn(suite, 'one', 'two', 'three');
  const startedAt = Date.now();
  const env = { ...access(), NODE_OPTIONS: '--require=./clock.cjs' };
  const { code, stderr } = await suite.run([], env);
  const endedAt = Date.now();
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
  const run = await reportedRun(app(), runIdIn(stderr));
  expect(run).toMatchObject({ status: 'passed', total: 3, passed: 3 });
  const times = [run.startedAt!, ...run.events.map(({ at }) => at), run.completedAt!].map((at) => Date.parse(at));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect([startedAt <= times[0]!, times.at(-1)! <= endedAt]).toEqual([true, true]);
  const durations = [run.duration!, ...run.cases.map(({ duration }) => duration!)];
  for (const duration of durations) expect(duration).toBeLessThanOrEqual(endedAt - startedAt);
});
