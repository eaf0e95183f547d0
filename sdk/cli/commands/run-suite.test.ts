import { expect, test } from 'vitest';
import type { ReportEntry } from '#shared/reports.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { playSuiteWorker } from '#server/testing/played-suite-worker.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { runCommand, startCommand } from '#server/testing/run-command.ts';
import { smallSuite, suiteFolder } from '#server/testing/suite-folder.ts';
import { startInTerminal } from '#server/testing/terminal.ts';

const app = useTestApp({});
const env = () => ({ RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token });
const optionsOf = async (runId: string) => {
  const { services } = app();
  const { suiteOptions, bundleId } = await services.db
    .selectFrom('runs')
    .select(['suiteOptions', 'bundleId'])
    .where('id', '=', runId)
    .executeTakeFirstOrThrow();
  return { ...suiteOptions, bundleId };
};
const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
const listing = (...titles: string[]): ReportEntry => ({
  type: 'cases',
  cases: titles.map((title) => ({
    position: null,
    project: '',
    file: 'a.spec.ts',
    titlePath: [title],
    line: 3,
    tags: [],
    annotations: [],
  })),
});
const stateOf = (index: number, status: 'running' | 'passed' | 'failed'): ReportEntry => {
  const duration = status === 'running' ? null : 5;
  return { type: 'case', index, status, attempt: 0, flaky: false, duration, errors: [] };
};

test('run pushes the suite in its folder and runs it with its options', async () => {
  using suite = suiteFolder({ ...smallSuite, 'package.json': '{"name":"shop-e2e"}' });
  const run = (...args: string[]) => runCommand(['run', '--detach', '--json', ...args], { env: env(), cwd: suite.dir });
  const { stdout, stderr } = await run(
    ...'--shards 3 --project chromium --project Mobile --grep @smoke'.split(' '),
    ...'-- tests/cart --retries=2 --project webkit -j 4'.split(' '),
  );
  expect(stderr).toBe('');
  const [pushed, started] = linesOf(stdout);
  expect([pushed, started]).toMatchObject([
    { type: 'push', suite: 'shop-e2e' },
    { type: 'run', kind: 'suite', name: 'shop-e2e', status: 'queued' },
  ]);
  expect(await optionsOf(started!['runId']!)).toEqual({
    shards: 3,
    choice: null,
    bundleId: pushed!['bundleId'],
    options: {
      projects: ['chromium', 'Mobile', 'webkit'],
      grep: '@smoke',
      files: ['tests/cart'],
      args: ['--retries=2', '-j4'],
    },
  });

  const named = linesOf((await run('--suite', 'Other', 'tests/a.spec.ts')).stdout);
  expect(named).toMatchObject([{ suite: 'Other', sentBytes: 0 }, { name: 'Other' }]);
  expect(await optionsOf(named[1]!['runId']!)).toMatchObject({ options: { files: ['tests/a.spec.ts'] }, shards: 1 });
});

test('run takes a bundle that is there by the name of the suite, its branch or its id', async () => {
  using suite = suiteFolder({ ...smallSuite, 'package.json': '{"name":"web"}' });
  const main = await playPush(app(), { text: 'a', branch: 'main' });
  const next = await playPush(app(), { text: 'b', branch: 'next' });
  using elsewhere = suiteFolder();
  for (const [dir, args, bundleId] of [
    [elsewhere.dir, ['web'], next.bundleId],
    [elsewhere.dir, ['web', '--branch', 'main'], main.bundleId],
    [elsewhere.dir, ['web', '--bundle', main.bundleId], main.bundleId],
    [suite.dir, ['--no-push'], next.bundleId],
    [suite.dir, ['--branch', 'main'], main.bundleId],
  ] as const) {
    const { stdout, stderr } = await runCommand(['run', ...args, '--detach', '--json'], { env: env(), cwd: dir });
    expect(stderr).toBe('');
    const [started, ...others] = linesOf(stdout);
    expect(others).toEqual([]);
    expect(await optionsOf(started!['runId']!), args.join(' ')).toMatchObject({ bundleId });
  }
  const none = await runCommand(['run', 'web', '--branch', 'nowhere'], { env: env() });
  expect(none).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('has no bundle of the branch nowhere') });
});

test('a terminal shows the push, what is waited for, shards and their phases', async () => {
  using suite = suiteFolder({ ...smallSuite, 'package.json': '{"name":"Live"}' });
  await using terminal = await startInTerminal(['run', '--shards', '2'], { env: env(), cwd: suite.dir });
  await terminal.shows('queued: waiting for a worker');
  const [run] = (await app().client.api.runs.list.query({ kind: 'suite', search: 'Live' })).items;
  const worker = (await playSuiteWorker(app(), run!.id, 1))!;
  await terminal.shows('2 shards: 1 queued, 1 running');
  await worker.report({ type: 'phase', phase: 'install' });
  await terminal.shows('1 shard installing');
  await worker.report(listing('pays'), { type: 'phase', phase: 'cases' }, stateOf(0, 'running'));
  const screen = await terminal.shows('a.spec.ts:3 › pays');
  expect(screen.join('\n')).toMatch(/a\.spec\.ts:3 › pays[^\n]* shard 2/);
  expect(screen.join('\n')).not.toContain('installing');
  terminal.type('\u0003');
  await terminal.shows('Cancel the run?');
  terminal.type('n');
  expect(await terminal.ended).toBe(130);
  expect((await terminal.everything()).join('\n')).toMatch(/^Pushed the suite "Live": 3 files/);
});

test('--last-failed runs what failed in the last run of the branch, and its exit code is the verdict', async () => {
  using suite = suiteFolder({ ...smallSuite, 'package.json': '{"name":"again"}' });
  suite.git('init', '-qb', 'feature');
  suite.git('commit', '-qm', 'pay', '--allow-empty');
  const runningId = async () =>
    (await app().client.api.runs.list.query({ search: 'again', status: ['queued', 'running'] })).items[0]?.id;
  for (const [args, titles, exitCode] of [
    [[], ['pays', 'mails'], 1],
    [['--last-failed'], ['mails'], 0],
  ] as const) {
    const running = startCommand(['run', ...args], { env: env(), cwd: suite.dir });
    await running.hasPrinted('Waiting for a worker');
    const { claimed, ...worker } = (await playSuiteWorker(app(), (await runningId())!))!;
    if (args.length > 0) expect(claimed.choice).toMatchObject([{ file: 'a.spec.ts', titlePath: ['mails'] }]);
    await worker.report(listing(...titles));
    for (const [index, title] of titles.entries())
      await worker.report(stateOf(index, title === 'mails' && exitCode === 1 ? 'failed' : 'passed'));
    await worker.finish(exitCode === 0 ? 'passed' : 'failed');
    expect(await running.ended).toMatchObject({ exitCode, stderr: '' });
  }
  const none = await runCommand(['run', '--last-failed', '--branch', 'other'], { env: env(), cwd: suite.dir });
  expect(none).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('branch "other" on workers has ended yet'),
  });
});
