import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from '#server/testing/built-package.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { fixtureSuite } from './testing/fixture-suite.ts';
import { playwrights, playwrightSuite, type PlaywrightVersion } from './testing/playwright-suite.ts';
import { reportedRun, runIdIn, withoutRunlight, withoutTimes } from '#server/testing/reported-run.ts';

const app = useTestApp({});
beforeAll(() => void builtPackage());

/** Playwright's own JSON report, as far as it is compared. */
interface JsonSuite {
  title: string;
  file: string;
  suites?: JsonSuite[];
  specs: JsonSpec[];
}
interface JsonSpec {
  title: string;
  tags: string[];
  line: number;
  tests: {
    projectName: string;
    status: 'expected' | 'unexpected' | 'flaky' | 'skipped';
    results: { status: string; retry: number; errors: { message: string }[] }[];
  }[];
}
interface JsonReport {
  suites: JsonSuite[];
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

interface Result {
  project: string;
  file: string;
  title: string;
  line: number;
  status: string;
  flaky: boolean;
  attempts: number;
  errors: number;
}

function resultsOf(suite: JsonSuite, file: string, titles: readonly string[]): Result[] {
  const own = suite.specs.flatMap(({ title, line, tests }) =>
    tests.map(({ projectName, status, results }) => {
      const failed = results.findLast((result) => ['failed', 'timedOut'].includes(result.status));
      return {
        project: projectName,
        file,
        title: [...titles, title].join(' › '),
        line,
        status:
          status === 'skipped'
            ? 'skipped'
            : status !== 'unexpected'
              ? 'passed'
              : failed?.status === 'timedOut'
                ? 'timed_out'
                : 'failed',
        flaky: status === 'flaky',
        attempts: Math.max(0, ...results.map(({ retry }) => retry)),
        // A case that passes although it should fail has none of Playwright's.
        errors: status === 'unexpected' ? (failed?.errors.length ?? 1) : 0,
      };
    }),
  );
  const inner = (suite.suites ?? []).flatMap((it) => resultsOf(it, file, [...titles, it.title]));
  return [...own, ...inner];
}

const byIdentity = (a: Result, b: Result) => identity(a).localeCompare(identity(b));
const identity = ({ project, file, title }: Result) => `${project} ${file} ${title}`;

describe.for(Object.keys(playwrights) as PlaywrightVersion[])('with Playwright %s', (version) => {
  test('every case has the result that Playwright says', async () => {
    await using suite = await playwrightSuite(fixtureSuite, version);
    const { code, stdout, stderr } = await suite.run(['--reporter=list,json,runlight/reporter'], {
      RUNLIGHT_URL: app().url,
      RUNLIGHT_TOKEN: app().token,
      PLAYWRIGHT_JSON_OUTPUT_NAME: path.join(suite.dir, 'results.json'),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('sign-in.setup.ts');
    const json = JSON.parse(await readFile(path.join(suite.dir, 'results.json'), 'utf8')) as JsonReport;
    const run = await reportedRun(app(), runIdIn(stderr));
    const { stats } = json;
    expect(run).toMatchObject({
      name: 'the-shop',
      kind: 'suite',
      origin: 'reporter',
      status: 'failed',
      total: stats.expected + stats.unexpected + stats.flaky + stats.skipped,
      passed: stats.expected + stats.flaky,
      failed: stats.unexpected,
      flaky: stats.flaky,
      skipped: stats.skipped,
    });
    const reported = run.cases.map(({ project, file, title, line, status, flaky, attempt, state }) => ({
      project,
      file,
      title,
      line: line!,
      status,
      flaky,
      attempts: attempt,
      errors: state?.errors?.length ?? 0,
    }));
    const expected = json.suites.flatMap((it) => resultsOf(it, it.file, []));
    expect(reported.sort(byIdentity)).toEqual(expected.sort(byIdentity));

    const failing = run.cases.find(({ title }) => title === 'a basket › that is wrong › fails')!;
    const [error] = failing.state!.errors!;
    expect(error?.message).toContain('nothing is less than nothing');
    // The cause of an error is a field since 1.49.
    if (version !== '1.42' && version !== '1.48') expect(error?.message).toContain('the count is -1');
    expect(error?.snippet).toContain('throw new RangeError');
    expect(failing.annotations).toContainEqual({ type: 'issue', description: 'https://example.com/1' });
    expect(run.cases.find(({ title }) => title === 'a basket › counts')?.tags).toEqual(
      expect.arrayContaining(['@fast', '@phone']),
    );
    const steps = run.events.flatMap((event) => (event.type === 'step' && event.status !== 'running' ? [event] : []));
    expect(steps.map(({ title }) => title)).toEqual(expect.arrayContaining(['put in', 'put in more']));
    expect(steps.find(({ title }) => title === 'take too much out')).toMatchObject({ status: 'failed' });
    const output = run.events.flatMap((event) => (event.type === 'log' ? [event] : []));
    expect(output.find(({ text }) => text.includes('printed by a test'))).toMatchObject({
      stream: 'stdout',
      caseIndex: failing.index,
      attempt: 0,
    });
    expect(run.artifacts).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ name: 'photo', kind: 'screenshot', contentType: 'image/png' }),
        expect.objectContaining({ name: 'text', kind: 'log', contentType: 'text/plain' }),
      ]),
    );
    const { path: address } = run.artifacts.find(({ name }) => name === 'text')!;
    const file = await fetch(app().url + address, { headers: app().headers });
    expect(await file.text()).toBe('a few words');
    // The one file that is not there is named, in one line.
    expect(stderr.split('\n').filter((line) => line.startsWith('Runlight'))).toHaveLength(2);
    expect(stderr).toContain('not delivered: 1 file: gone of "attaches" (the file is gone)');
  });

  test('output and exit code are those without the reporter', async () => {
    await using suite = await playwrightSuite(fixtureSuite, version);
    const args = ['serial', '--workers=1'];
    const reported = await suite.run([...args, '--reporter=list,runlight/reporter'], {
      RUNLIGHT_URL: app().url,
      RUNLIGHT_TOKEN: app().token,
    });
    const plain = await suite.run([...args, '--reporter=list']);
    expect(runIdIn(reported.stderr)).toBeDefined();
    const { stdout, stderr, code } = reported;
    expect({ code, stdout: withoutTimes(stdout), stderr: withoutRunlight(stderr) }).toEqual({
      ...plain,
      stdout: withoutTimes(plain.stdout),
    });
  });
});
