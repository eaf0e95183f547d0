import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import type { RunEventBody } from '#shared/events.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { eventually } from '#server/testing/eventually.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { beginWithCases, caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { queueTest } from '#server/testing/played-worker.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { startInTerminal } from '#server/testing/terminal.ts';

const app = useTestApp({});
const env = (url = app().url) => ({ RUNLIGHT_URL: url, RUNLIGHT_TOKEN: app().token });
const statusOf = async (runId: string) => (await app().client.api.runs.byId.query({ runId })).status;

test('a terminal shows what runs and what failed, and keeps errors and summary', async () => {
  const cases = Array.from({ length: 8 }, (_, index) => listedCase(`case ${index}`));
  const { runId } = await beginWithCases(app(), cases);
  await using terminal = await startInTerminal(['watch', runId], { env: env() });
  await terminal.shows('0 of 8 done');
  const named = (index: number) => ({ title: `case ${index}`, line: 3 });
  await report(app(), runId, [
    caseEvent(0, 'running', named(0)),
    caseEvent(1, 'passed', named(1)),
    failedCase(2, 'Error: the second is wrong', named(2)),
  ]);
  const screen = (await terminal.shows('2 of 8 done, 1 failed, 1 running')).join('\n');
  expect(screen).toMatch(/Test "Watched" · running · (\d+ m )?\d+ s/);
  expect(screen).toContain(`${app().url}/runs/${runId}`);
  expect(screen).toMatch(/\S case 0\n/);
  expect(screen).toContain('✗ case 2 (12 ms) Error: the second is wrong');
  await report(app(), runId, [caseEvent(0, 'passed', named(0))]);
  await terminal.shows('3 of 8 done, 1 failed\n');
  await end(app(), runId, 'failed');
  expect(await terminal.ended).toBe(1);
  const all = (await terminal.everything()).join('\n').trimEnd();
  expect(all).toMatch(
    /^✗ case 2 \(12 ms\)\n\n {4}Error: the second is wrong\n\n {4}http\S+\?case=2\n\n1 failure:\n {2}✗ case 2 \(12 ms\)\n\n✗ The test "Watched" failed after [^\n]+\nhttp\S+$/,
  );
});

test('a run of 5,000 cases costs a screen, not 5,000 lines, and fits every size', async () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `spec ${index} › 日本語の長い題名 ${'long '.repeat(20)}`);
  const { runId } = await beginWithCases(
    app(),
    names.map((name) => listedCase(name)),
  );
  await using terminal = await startInTerminal(['watch', runId], { env: env(), columns: 100, rows: 20 });
  await terminal.shows('0 of 5,000 done');
  const before = terminal.bytes();
  const events = names.map((title, index): RunEventBody => {
    if (index % 100 === 0) return caseEvent(index, 'running', { title });
    return index % 50 === 1 ? failedCase(index, 'wrong', { title }) : caseEvent(index, 'passed', { title });
  });
  for (let from = 0; from < events.length; from += 500) await report(app(), runId, events.slice(from, from + 500));
  const screen = await terminal.shows('4,950 of 5,000 done, 100 failed, 50 running');
  expect(screen.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  expect(screen.join('\n')).toMatch(/and \d+ more running/);
  expect(screen.join('\n')).toMatch(/\d+ more failed before/);
  expect(terminal.bytes() - before).toBeLessThan(1_000_000);

  await terminal.resize(60, 12);
  await eventually(async () => {
    const resized = await terminal.screen();
    expect(resized.filter((line) => line.includes('Test "Watched"'))).toHaveLength(1);
    expect(resized.filter((line) => line.includes('5,000 done'))).toHaveLength(1);
    for (const line of resized) expect(stringWidth(line)).toBeLessThanOrEqual(60);
  });
  await terminal.resize(160, 40);
  await eventually(async () => {
    const resized = await terminal.screen();
    expect(resized.filter((line) => line.includes('Test "Watched" · running'))).toHaveLength(1);
    expect(resized.filter((line) => line.trim() !== '').length).toBeGreaterThan(30);
  });
  await end(app(), runId, 'failed');
  expect(await terminal.ended).toBe(1);
  const all = await terminal.everything();
  expect(all.filter((line) => line.includes('wrong'))).toHaveLength(20);
  expect(all.join('\n')).toContain('and 50 more');
});

test('Ctrl-C asks whether to cancel a run that the command has started', async () => {
  const { testId } = await queueTest(app());
  await using terminal = await startInTerminal(['run', testId], { env: env() });
  await terminal.shows('queued');
  terminal.type('\u0003');
  await terminal.shows('Cancel the run? y: cancel it');
  terminal.type('\u001B');
  await eventually(async () => expect((await terminal.screen()).join('\n')).not.toContain('Cancel the run?'));
  terminal.type('\u0003');
  await terminal.shows('Cancel the run?');
  terminal.type('y');
  expect(await terminal.ended).toBe(130);
  const all = (await terminal.everything()).join('\n');
  expect(all).toContain('was cancelled');
  const { items } = await app().client.api.runs.list.query({ testId });
  expect(items[0]!.status).toBe('cancelled');
});

test('a second Ctrl-C leaves the run as it is, and says where it is', async () => {
  const { testId } = await queueTest(app());
  await using terminal = await startInTerminal(['run', testId], { env: env() });
  await terminal.shows('queued');
  terminal.type('\u0003');
  await terminal.shows('Cancel the run?');
  terminal.type('\u0003');
  expect(await terminal.ended).toBe(130);
  const { items } = await app().client.api.runs.list.query({ testId });
  expect(items.map(({ status }) => status)).toEqual(['queued', 'queued']);
  expect((await terminal.everything()).join('\n')).toContain(
    `Left; the run goes on: ${app().url}/runs/${items[0]!.id}`,
  );
});

test('Ctrl-C ends watching at once, and not the run', async () => {
  const { runId } = await queueTest(app());
  await using terminal = await startInTerminal(['watch', runId], { env: env() });
  await terminal.shows('queued');
  terminal.type('\u0003');
  expect(await terminal.ended).toBe(130);
  expect(await statusOf(runId)).toBe('queued');
});

test('an outage is shown while it lasts', async () => {
  using proxy = await startRestartingProxy(app().url);
  const { runId } = await queueTest(app());
  await using terminal = await startInTerminal(['watch', runId], { env: env(proxy.url) });
  await terminal.shows('queued');
  proxy.restart(1_000_000);
  await terminal.shows('The connection to Runlight is lost (');
  proxy.restart(0);
  await eventually(async () => expect((await terminal.screen()).join('\n')).not.toContain('is lost'), {
    withinMs: 60_000,
  });
  await commitRun(app().services, runId, { from: ['queued'], to: 'cancelled' });
  expect(await terminal.ended).toBe(130);
});

test('a test, job or suite is chosen from a list', async () => {
  await playPush(app(), { suite: 'Chosen suite' });
  await app().client.api.tests.create.mutate({ name: 'Chosen one', script: 'x' });
  for (const [name, started] of [
    ['Chosen one', 'the test "Chosen one"'],
    ['Chosen suite', 'the suite "Chosen suite"'],
  ] as const) {
    await using terminal = await startInTerminal(['run', '--detach'], { env: env(), cwd: '/' });
    await terminal.shows('Which test, job or suite?');
    terminal.type(name);
    await terminal.shows(name);
    terminal.type('\r');
    expect(await terminal.ended).toBe(0);
    expect((await terminal.everything()).join('\n')).toContain(`Started ${started}`);
  }
});
