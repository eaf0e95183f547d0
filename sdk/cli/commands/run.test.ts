import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { runCommand, startCommand } from '#server/testing/run-command.ts';
import { smallSuite, suiteFolder } from '#server/testing/suite-folder.ts';
import { endless, failing, passing } from '#server/testing/scripts.ts';

describe('with a worker', () => {
  const app = useTestApp({ worker: true });
  const env = () => ({ RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token });

  test('run executes a test or a job by its name, and exits as it ends', async () => {
    const { api } = app().client;
    const { id: passingId } = await api.tests.create.mutate({ name: 'Sums', script: passing });
    const { id: failingId } = await api.tests.create.mutate({ name: 'Wrong sums', script: failing });
    await api.jobs.create.mutate({ name: 'All sums', testIds: [passingId, failingId] });
    const passed = await runCommand(['run', 'sums', '--log', '--verbose'], { env: env() });
    expect(passed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(passed.stdout).toMatch(/it is two[^]*✓ adds \([^)]+\)[^]*✓ The test "Sums" passed in .*: 1 passed/);
    const failed = await runCommand(['run', 'All sums'], { env: env() });
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(
      /✗ Wrong sums › adds wrongly[^]*Error: the sum[^]*> 4 \| {3}expect\(1 \+ 1, 'the sum'\)/,
    );
    expect(failed.stdout).toContain('The job "All sums" failed after');
  });

  test('a signal without a terminal cancels the run, in whatever moment it comes', async () => {
    const { api } = app().client;
    const { id: testId } = await api.tests.create.mutate({ name: 'Endless', script: endless });
    const running = startCommand(['run', 'Endless', '--log'], { env: env() });
    await running.hasPrinted('waiting\n');
    running.kill('SIGTERM');
    const { exitCode, stderr, stdout } = await running.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'Cancelling the run …\n' });
    expect(stdout).toContain('The test "Endless" was cancelled');
    const { items } = await api.runs.list.query({ testId });
    expect(items.map(({ status }) => status)).toEqual(['cancelled']);
  });

  test('--timeout cancels the run, with exit code 5', async () => {
    const { api } = app().client;
    const { id: testId } = await api.tests.create.mutate({ name: 'Slow', script: endless });
    const { exitCode, stderr } = await runCommand(['run', testId, '--timeout', '1s'], { env: env() });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 5,
      stderr: expect.stringMatching(/^The run has not ended within 1\.0 s \(--timeout\); it has been cancelled: http/),
    });
    await eventually(async () => {
      const { items } = await api.runs.list.query({ testId });
      expect(items.map(({ status }) => status)).toEqual(['cancelled']);
    });
  });
});

describe('what is to be run', () => {
  const app = useTestApp({});
  const env = () => ({ RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token });
  const elsewhere = suiteFolder();
  afterAll(() => elsewhere[Symbol.dispose]());
  const run = (...args: string[]) => runCommand(['run', ...args], { env: env(), cwd: elsewhere.dir });

  test('is one test or job, or is asked for by id or kind', async () => {
    const { api } = app().client;
    const { id: testId } = await api.tests.create.mutate({ name: 'Checkout', script: passing });
    const { id: jobId } = await api.jobs.create.mutate({ name: 'Checkout', testIds: [testId] });
    const both = await run('Checkout', '--detach');
    expect(both).toMatchObject({ exitCode: 3, stdout: '' });
    expect(both.stderr).toContain(`  test  ${testId}  Checkout\n  job   ${jobId}  Checkout`);
    for (const [args, kind] of [
      [['checkout', '--job'], 'job'],
      [['Checkout', '--test'], 'test'],
      [[jobId], 'job'],
    ] as const) {
      const { stdout, exitCode } = await run(...args, '--detach', '--json');
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ type: 'run', kind, status: 'queued' });
    }
  });

  test('is named in an error if it is not there or was never pushed, or is asked for if no name is given', async () => {
    const { services, projectId } = app();
    await app().client.api.tests.create.mutate({ name: 'Payments of invoices', script: passing });
    await services.db.insertInto('suites').values({ id: uuidv7(), projectId, name: 'shop-e2e' }).execute();
    for (const [args, message] of [
      [['Payments'], 'There is no test, job or suite "Payments" in this project. Did you mean one of these?\n  test '],
      [['Nothing'], 'There is no test, job or suite "Nothing" in this project.\n'],
      [[], 'Name the test, job or suite to run'],
      [['shop-e2e'], 'The suite "shop-e2e" has no bundle. Push it first: npx runlight push.'],
      [['Payments of invoices', '--shards', '2'], '--shards is for suites: "Payments of invoices" is a test.'],
      [['Payments of invoices', '--', '--retries=2'], '--retries=2 is for suites'],
      [['shop-e2e', '--', '--headed'], '--headed cannot be used on workers: workers have no screen.'],
      [['--shards', '2'], 'There is no playwright.config.ts'],
    ] as const)
      expect(await run(...args), args.join()).toMatchObject({
        exitCode: 3,
        stdout: '',
        stderr: expect.stringContaining(message),
      });
  });

  test('is run of the commit that is checked out, or that the CI names; a job of a suite keeps that of its bundle', async () => {
    const { api } = app().client;
    const { id: testId } = await api.tests.create.mutate({ name: 'Of a commit', script: passing });
    const { id: jobId } = await api.jobs.create.mutate({ name: 'Job of a commit', testIds: [testId] });
    using checkout = suiteFolder(smallSuite);
    checkout.git('init', '-qb', 'round-twice');
    checkout.git('add', '-A');
    checkout.git('commit', '-qm', 'feat: round twice');
    const sha = checkout.git('rev-parse', 'HEAD').toString().trim();
    const runThere = async (name: string, cwd: string, ci: Record<string, string> = {}) => {
      const { stdout, stderr } = await runCommand(['run', name, '--detach', '--json'], {
        env: { ...env(), ...ci },
        cwd,
      });
      expect(stderr).toBe('');
      return api.runs.byId.query({ runId: (JSON.parse(stdout) as { runId: string }).runId });
    };
    const checkedOut = { branch: 'round-twice', commitSha: sha, commitMessage: 'feat: round twice', author: 'Ada' };
    for (const id of [testId, jobId]) expect(await runThere(id, checkout.dir)).toMatchObject(checkedOut);
    const gitlab = { GITLAB_CI: 'true', CI_COMMIT_SHA: 'feed'.repeat(10), CI_COMMIT_BRANCH: 'main' };
    expect(await runThere(testId, elsewhere.dir, gitlab)).toMatchObject({
      branch: 'main',
      commitSha: gitlab.CI_COMMIT_SHA,
    });
    expect(await runThere(testId, elsewhere.dir)).toMatchObject({ branch: null, commitSha: null, author: null });

    const pushed = await runCommand(['push', '--suite', 'Shop', '--json'], { env: env(), cwd: checkout.dir });
    const { suiteId } = JSON.parse(pushed.stdout) as { suiteId: string };
    const { id: jobOfSuite } = await api.jobs.create.mutate({ name: 'Nightly shop', suite: { suiteId } });
    expect(await runThere(jobOfSuite, elsewhere.dir, gitlab)).toMatchObject(checkedOut);
  });

  test('is started once for an idempotency key', async () => {
    const { id: testId } = await app().client.api.tests.create.mutate({ name: 'Once', script: passing });
    const first = await run('Once', '--detach', '--idempotency-key', 'build-7');
    const second = await run('Once', '--detach', '--idempotency-key', 'build-7');
    expect(first.stdout).toMatch(new RegExp(`^${app().url}/runs/[0-9a-f-]{36}\n$`));
    expect(second.stdout).toBe(first.stdout);
    expect((await app().client.api.runs.list.query({ testId })).items).toHaveLength(1);
    expect(await run('Once', '--idempotency-key', 'build-undefined')).toMatchObject({ exitCode: 3 });
  });
});

test('completion scripts are accepted by the shells and name every command', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, exitCode } = await runCommand(['completion', shell]);
    expect(exitCode).toBe(0);
    for (const word of [
      'login',
      'whoami',
      'watch',
      'push',
      '--dry-run',
      '--shards',
      '--junit',
      '--exit-status',
      'idempotency-key',
    ])
      expect(stdout).toContain(word.replace('--', shell === 'fish' ? '' : '--'));
  }
  const { stdout: script } = await runCommand(['completion', 'bash']);
  const complete = async (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const use = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _runlight; echo "\${COMPREPLY[@]}"`;
    return (await promisify(execFile)('bash', ['-c', `${script}\n${use}`])).stdout.trim();
  };
  expect(await complete('runlight', 'wa')).toBe('watch');
  expect(await complete('runlight', 'run', '--ju')).toBe('--junit');
  expect(await complete('runlight', 'completion', 'z')).toBe('zsh');
  expect(await runCommand(['completion', 'tcsh'])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('bash'),
  });
});
