import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RunStatus } from '#shared/run-status.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { beginWithCases, caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { begin, queueTest } from '#server/testing/played-worker.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { runCommand, startCommand } from '#server/testing/run-command.ts';

const app = useTestApp({});
const env = (url = app().url) => ({ RUNLIGHT_URL: url, RUNLIGHT_TOKEN: app().token });
const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the exit code', () => {
  test.for([
    ['passed', null, 0],
    ['failed', null, 1],
    ['error', 'script_error', 1],
    ['error', 'worker_lost', 4],
    ['timed_out', 'run_timeout', 5],
    ['cancelled', null, 130],
  ] as const)('of a run that is %s (%s) is %i', async ([status, errorCode, exitCode]) => {
    const { runId } = await queueTest(app());
    await begin(app(), runId);
    const watching = startCommand(['watch', runId], { env: env() });
    await watching.hasPrinted('Running');
    await commitRun(app().services, runId, { from: ['running'], to: status as RunStatus, errorCode });
    expect(await watching.ended).toMatchObject({ exitCode, stderr: '' });
    const shown = await runCommand(['status', runId, '--exit-status'], { env: env() });
    expect(shown.exitCode).toBe(exitCode);
  });

  test('of a run that is not there, or not named, is 3', async () => {
    for (const [args, message] of [
      [['watch', '01980000-0000-7000-8000-000000000000'], 'There is no run 01980000'],
      [['watch', 'Checkout'], '"Checkout" is neither the id nor the address of a run'],
      [['cancel', `${app().url}/tests/x?token=rl_secret`], 'is neither the id nor the address'],
      [['watch'], "missing required argument 'run'"],
      [['statsu'], 'Did you mean status?'],
      [['run', 'x', '--timeout', '5 days'], 'such as 90s, 15m or 1h30m'],
      [['run', 'x', '--detach', '--junit', 'x.xml'], '--junit needs the run to be watched'],
    ] as const)
      expect(await runCommand([...args], { env: env() }), args.join(' ')).toMatchObject({
        exitCode: 3,
        stdout: '',
        stderr: expect.stringContaining(message),
      });
  });

  test('of a run that takes longer than --timeout is 5; watching does not cancel it', async () => {
    const { runId } = await queueTest(app());
    const { exitCode, stderr } = await runCommand(['watch', runId, '--timeout', '500ms'], { env: env() });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 5,
      stderr: `The run has not ended within 500 ms (--timeout); it goes on: ${app().url}/runs/${runId}\n`,
    });
    expect((await app().client.api.runs.byId.query({ runId })).status).toBe('queued');
  });
});

const cases = [
  listedCase('Login › refuses a wrong password', { file: 'login.spec.ts', line: 14 }),
  listedCase('pays', { file: 'shop.spec.ts', project: 'chromium' }),
  listedCase('is flaky', { file: 'shop.spec.ts' }),
];

describe('without a terminal', () => {
  test('failures are printed as they come, with error and address, and a summary at the end', async () => {
    const { runId } = await beginWithCases(app(), cases);
    const watching = startCommand(['watch', `${app().url}/runs/${runId}?case=1`], { env: env() });
    await watching.hasPrinted('Running');
    const snippet = '  13 |\n> 14 | expect(text).toBe("no");\n     | ^';
    const error = { message: 'Error: \u001B[31mnot equal\u001B[39m', snippet, line: 14, column: 1 };
    const names = { file: 'login.spec.ts', title: 'Login › refuses a wrong password', line: 14 };
    await report(app(), runId, [
      caseEvent(0, 'running', names),
      failedCase(0, '', { ...names, error, errors: [error], duration: 2_100 }),
    ]);
    await watching.hasPrinted('refuses a wrong password');
    expect(watching.stdout).toContain(
      `✗ login.spec.ts:14 › Login › refuses a wrong password (2.1 s)

    Error: not equal

      13 |
    > 14 | expect(text).toBe("no");
         | ^

    ${app().url}/runs/${runId}?case=0
`,
    );
    const flaky = { file: 'shop.spec.ts', title: 'is flaky', line: 3 };
    await report(app(), runId, [
      caseEvent(1, 'passed', { file: 'shop.spec.ts', title: 'pays', project: 'chromium' }),
      failedCase(2, 'once', flaky),
      caseEvent(2, 'running', { ...flaky, attempt: 1 }),
      caseEvent(2, 'passed', { ...flaky, attempt: 1, flaky: true, duration: 30 }),
    ]);
    await end(app(), runId, 'failed');
    const { stdout, exitCode } = await watching.ended;
    expect(exitCode).toBe(1);
    expect(stdout).toContain('~ shop.spec.ts:3 › is flaky (30 ms, flaky: passed in attempt 2)');
    expect(stdout).toContain('1 failure:\n  ✗ login.spec.ts:14 › Login › refuses a wrong password (2.1 s)');
    expect(stdout.trimEnd()).toMatch(
      new RegExp(`✗ The test "Watched" failed after .*: 1 of 3 failed, 1 flaky\n${app().url}/runs/${runId}$`),
    );
    expect(stdout).not.toContain('\u001B');
  });

  test('what tests print and are called cannot act on a terminal or a CI', async () => {
    const evil = '::error file=x::pwned\u001B]0;title\u0007\u001B[2J\u009B31m\u202Ex ##[add-path]x ##vso[task.x]y';
    const { runId } = await beginWithCases(app(), [listedCase(evil)]);
    await report(app(), runId, [
      { type: 'log', stream: 'stdout', text: `${evil}\n  ${evil}\r::warning::x\n` },
      failedCase(0, evil, { title: evil }),
    ]);
    await end(app(), runId, 'failed');
    for (const args of [['--log', '--verbose'], ['--json']]) {
      const { stdout, exitCode } = await runCommand(['watch', runId, ...args], { env: env() });
      expect(exitCode).toBe(1);
      // eslint-disable-next-line no-control-regex
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
      expect(stdout).not.toMatch(/^\s*::/m);
      expect(stdout).not.toMatch(/##\w*\[/);
      if (args[0] === '--json')
        expect(linesOf(stdout)).toContainEqual(expect.objectContaining({ type: 'case', title: evil }));
    }
  });

  test('--json prints the run, every entry of its log and its end, and nothing else', async () => {
    const { runId } = await beginWithCases(app(), cases);
    const watching = startCommand(['watch', runId, '--json'], { env: env() });
    await watching.hasPrinted('"type":"part"');
    await report(app(), runId, [
      failedCase(0, 'wrong'),
      { type: 'log', stream: 'stdout', text: 'a\nb\n' },
      {
        type: 'step',
        id: '1',
        parentId: null,
        category: 'expect',
        title: 's',
        status: 'passed',
        duration: 1,
        error: null,
      },
    ]);
    await end(app(), runId, 'failed');
    const { stdout, stderr, exitCode } = await watching.ended;
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 });
    const lines = linesOf(stdout);
    const entries = lines.slice(1, -1);
    expect(lines[0]).toEqual({
      type: 'run',
      runId,
      kind: 'test',
      name: 'Watched',
      status: 'running',
      url: `${app().url}/runs/${runId}`,
    });
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    expect(new Set(entries.map(({ type }) => type))).toEqual(
      new Set(['status', 'part', 'case', 'log', 'step', 'test']),
    );
    expect(lines.at(-1)).toMatchObject({ type: 'end', runId, status: 'failed', failed: 1, total: 3, exitCode: 1 });
  });

  test('an outage is reported on stderr, and nothing is lost or printed twice', async () => {
    using proxy = await startRestartingProxy(app().url);
    const { runId } = await beginWithCases(app(), cases);
    const watching = startCommand(['watch', runId, '--json'], { env: env(proxy.url) });
    await watching.hasPrinted('"type":"part"');
    proxy.restart(1_000_000);
    await watching.hasPrinted('is lost (');
    await report(app(), runId, [failedCase(0, 'wrong')]);
    proxy.restart(0);
    await watching.hasPrinted('Connected to Runlight again');
    await end(app(), runId, 'failed');
    const { stdout, exitCode } = await watching.ended;
    expect(exitCode).toBe(1);
    const seqs = linesOf(stdout)
      .slice(1, -1)
      .map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test('a reported run is watched with its shards, and ends with the commands that run its failures again', async () => {
    const { api } = app().client;
    const session = randomUUID();
    const begin = async (current: number) => {
      const begun = await api.reports.begin.mutate({
        session,
        suite: 'shop-e2e',
        build: { id: 'build-7' },
        commit: { branch: 'main', sha: '0123456789abcdef', message: 'Fix the total' },
        shard: { current, total: 2 },
        executor: `ci-${current}`,
        versions: { playwright: '1.65.1', reporter: '0.1.0', node: '20.19.0' },
      });
      return { runId: begun.runId, part: begun.part, session };
    };
    const first = await begin(1);
    const watching = startCommand(['watch', first.runId], { env: env() });
    await watching.hasPrinted('Shard 1 of 2 running on ci-1');
    const listed = { position: null, project: 'chromium', file: 'a.spec.ts', line: 9, tags: [], annotations: [] };
    const failure = { type: 'case', index: 0, status: 'failed', attempt: 0, flaky: false, duration: 5 } as const;
    const entries = [
      { type: 'cases' as const, cases: [{ ...listed, titlePath: ['pays'] }] },
      { ...failure, errors: [{ message: 'Error: no' }] },
    ];
    await api.reports.append.mutate({ ...first, after: 0, entries });
    await watching.hasPrinted('✗ [chromium] › a.spec.ts:9 › pays (5 ms, shard 1)');
    await api.reports.finish.mutate({ ...first, after: 2, status: 'failed', undelivered: null });
    const second = await begin(2);
    await watching.hasPrinted('Shard 2 of 2 running on ci-2');
    await api.reports.finish.mutate({ ...second, after: 0, status: 'passed', undelivered: null });
    const { stdout, exitCode } = await watching.ended;
    expect(exitCode).toBe(1);
    expect(stdout).toContain('main · 0123456 · Fix the total\n');
    expect(stdout).toContain('Run again what failed:\n  npx playwright test a.spec.ts:9 --project=chromium\n');
    expect(stdout).toContain('The suite "shop-e2e" failed after');
  });

  test('cancel ends a run, once', async () => {
    const { runId } = await queueTest(app());
    expect(await runCommand(['cancel', runId], { env: env() })).toMatchObject({
      exitCode: 0,
      stdout: `Cancelled the test "Watched": ${app().url}/runs/${runId}\n`,
    });
    expect(await runCommand(['cancel', runId], { env: env() })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('The run is over (cancelled)'),
    });
  });

  test('status lists what runs, waits and has ended', async () => {
    const { runId } = await beginWithCases(app(), cases);
    await report(app(), runId, [failedCase(0, 'wrong')]);
    const { runId: queued } = await queueTest(app());
    const { stdout } = await runCommand(['status'], { env: env() });
    expect(stdout).toMatch(new RegExp(`Running \\([\\s\\S]*${runId}  Watched  .*1 of 3 done, 1 failed[\\s\\S]*Queued`));
    expect(stdout).toMatch(new RegExp(`Queued \\([\\s\\S]*${queued}  Watched  place \\d+[\\s\\S]*Ended last`));
    const json = JSON.parse((await runCommand(['status', '--json'], { env: env() })).stdout) as Record<
      string,
      object[]
    >;
    expect(json['running']).toContainEqual(expect.objectContaining({ id: runId }));
    const one = await runCommand(['status', runId], { env: env() });
    expect(one).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${app().url}/runs/${runId}?case=0`) });
  });

  test('open prints the address', async () => {
    const id = '01980000-0000-7000-8000-000000000000';
    expect((await runCommand(['open'], { env: env() })).stdout).toBe(`${app().url}\n`);
    expect((await runCommand(['open', id], { env: env() })).stdout).toBe(`${app().url}/runs/${id}\n`);
  });
});
