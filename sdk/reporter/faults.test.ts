import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from '#server/testing/built-package.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { foreignServer } from '#sdk/live/testing/foreign-server.ts';
import { playwrightSuite, type PlaywrightSuite, type SuiteRun } from './testing/playwright-suite.ts';
import { reportedRun, runIdIn, withoutRunlight, withoutTimes } from '#server/testing/reported-run.ts';

const app = useTestApp({});
beforeAll(() => void builtPackage());

const small = {
  'package.json': JSON.stringify({ name: 'small', private: true }),
  'playwright.config.ts': `export default { workers: 1, reporter: [['list'], ['runlight/reporter']] };`,
  'small.spec.ts': `import { test, expect } from '@playwright/test';
test('passes', () => {});
test('fails', () => { expect(1).toBe(2); });
`,
};

describe('one line says what is wrong and what to do, and the tests go on,', () => {
  let suite: PlaywrightSuite;
  let plain: SuiteRun;
  beforeAll(async () => {
    suite = await playwrightSuite(small);
    plain = await suite.run(['--reporter=list']);
  });
  afterAll(() => suite[Symbol.asyncDispose]());

  let runs = 0;
  /** The tests have gone on as without the reporter, which says one line. */
  async function expectOneLine(env: Record<string, string>, line: RegExp) {
    const output = `results-${(runs += 1)}`;
    const run = await suite.run([`--output=${output}`], env);
    expect(run.stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
    const stdout = withoutTimes(run.stdout).replaceAll(output, 'test-results');
    expect({ ...run, stdout, stderr: withoutRunlight(run.stderr) }).toEqual({
      ...plain,
      stdout: withoutTimes(plain.stdout),
    });
  }

  test('without an address or a token, or with wrong ones', async () => {
    using gone = await foreignServer(() => {});
    gone[Symbol.dispose]();
    await Promise.all([
      expectOneLine({}, /^Runlight: not reported: The address of Runlight is missing.*RUNLIGHT_URL/),
      expectOneLine(
        { RUNLIGHT_URL: app().url },
        /^Runlight: not reported: The token is missing.*RUNLIGHT_TOKEN.*API keys/,
      ),
      expectOneLine(
        { RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: 'rl_wrong' },
        /^Runlight: not reported: Runlight at http\S+ refuses the token: .* RUNLIGHT_TOKEN must be .* role reporter/,
      ),
      expectOneLine(
        { RUNLIGHT_URL: 'runlight.example.com', RUNLIGHT_TOKEN: 'x' },
        /"runlight.example.com" is not the address of a Runlight/,
      ),
      expectOneLine(
        { RUNLIGHT_URL: gone.url, RUNLIGHT_TOKEN: 'x' },
        /cannot be reached: .*ECONNREFUSED.* Is it running, and is that its address\?/,
      ),
    ]);
  });

  test('with a server that answers 500, a page or nothing, or that knows no reports or other ones', async () => {
    const error =
      (code: string, httpStatus: number, message: string): RequestListener =>
      (_, res) =>
        res
          .writeHead(httpStatus, { 'content-type': 'application/json' })
          .end(JSON.stringify([{ error: { message, code: -32_000, data: { code, httpStatus, fieldErrors: {} } } }]));
    const other = /does not understand this reporter \(\d.* npm install -D http\S+\/runlight\.tgz/;
    const answers: [RequestListener, RegExp][] = [
      [(_, res) => res.writeHead(500).end(), /cannot be reached: it answers 500/],
      [
        (_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello'),
        /it answers 200 \(text\/html\)/,
      ],
      [() => {}, /has not answered/],
      [
        error('NOT_FOUND', 404, 'No procedure found on path "reports.begin"'),
        /has no reports\.begin: it is of another version .* npm install -D http\S+\/runlight\.tgz/,
      ],
      [error('BAD_REQUEST', 400, 'shard: is missing'), other],
    ];
    await Promise.all(
      answers.map(async ([answer, line]) => {
        using server = await foreignServer(answer);
        await expectOneLine({ RUNLIGHT_URL: server.url, RUNLIGHT_TOKEN: 'x' }, line);
      }),
    );
  });
});

const access = () => ({ RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token });

test('a file that is too large is named before it is sent, and the others arrive', async () => {
  await using suite = await playwrightSuite({
    ...small,
    'small.spec.ts': `import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { test } from '@playwright/test';
test('records', async ({}, info) => {
  const file = info.outputPath('film.webm');
  const fd = openSync(file, 'w');
  ftruncateSync(fd, 5_000_000_000);
  closeSync(fd);
  info.attachments.push({ name: 'film', path: file, contentType: 'video/webm' });
  await info.attach('words', { body: 'small', contentType: 'text/plain' });
});
`,
  });
  const { code, stderr } = await suite.run([], access());
  expect(code).toBe(0);
  expect(stderr).toMatch(/not delivered: 1 file: film of "records" \(5\.0 GB, at most \S+ MB are taken\)\./);
  const run = await reportedRun(app(), runIdIn(stderr));
  expect(run.artifacts.map(({ name }) => name)).toEqual(['words']);
});

test('two reporters in one configuration, or one that is also in the command line, report once', async () => {
  await using suite = await playwrightSuite(small);
  const twice = await suite.run(['--add-reporter=runlight/reporter'], { ...access(), RUNLIGHT_SUITE: 'once' });
  expect(twice.stderr.trim().split('\n')).toHaveLength(1);
  const run = await reportedRun(app(), runIdIn(twice.stderr));
  expect(run).toMatchObject({ name: 'once', total: 2, passed: 1, failed: 1, status: 'failed' });
});

test('a list of tests is no run; no tests, a file that does not load, and each repetition are reported', async () => {
  await using suite = await playwrightSuite(small);
  const list = await suite.run(['--list'], access());
  expect(list.stderr).toBe('');
  const none = await suite.run(['nowhere'], access());
  expect(await reportedRun(app(), runIdIn(none.stderr))).toMatchObject({
    status: 'error',
    total: 0,
    errorDetails: expect.stringContaining('No tests found'),
  });
  const repeated = await suite.run(['--repeat-each=3', '-g', 'passes'], access());
  const { cases } = await reportedRun(app(), runIdIn(repeated.stderr));
  expect(cases.map(({ title, status }) => `${title}: ${status}`)).toEqual([
    'passes: passed',
    'passes (repeat 2): passed',
    'passes (repeat 3): passed',
  ]);
  expect(new Set(cases.map(({ caseId }) => caseId)).size).toBe(3);
});
