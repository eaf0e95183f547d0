import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { fixtureSuite } from './testing/fixture-suite.ts';
import {
  playwrights,
  type PlaywrightSuite,
  playwrightSuite,
  type PlaywrightVersion,
} from './testing/playwright-suite.ts';
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
        title: [...titles, title].join(' › ').toWellFormed(),
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
      CHROMIUM: findBrowser({})!.executablePath,
      PLAYWRIGHT_BROWSERS_PATH: await recorderOf(suite),
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
    expect((await contentOf(address)).toString()).toBe('a few words');
    const page = run.cases.find(({ project }) => project === 'browser')!;
    const ofPage = run.artifacts.filter(({ caseIndex }) => caseIndex === page.index);
    expect(ofPage.map(({ kind }) => kind).sort()).toEqual(['screenshot', 'trace', 'video']);
    const contents = Object.fromEntries(
      await Promise.all(ofPage.map(async ({ kind, path }) => [kind, await contentOf(path)] as const)),
    );
    expect(contents['screenshot']!.subarray(1, 4).toString()).toBe('PNG');
    expect(contents['trace']!.includes('trace.network')).toBe(true);
    expect(contents['video']!.length).toBeGreaterThan(1_000);
    expect(steps.map(({ title }) => title)).toContainEqual(expect.stringMatching(/click/i));
    // The one file that is not there is named, in one line.
    expect(stderr.split('\n').filter((line) => line.startsWith('Runlight'))).toHaveLength(2);
    expect(stderr).toContain('not delivered: 1 file: gone of "attaches" (the file is gone)');
  });
});

const [oldest, newest] = [Object.keys(playwrights)[0], Object.keys(playwrights).at(-1)] as PlaywrightVersion[];
test.for([oldest!, newest!])(
  'with Playwright %s output and exit code are those without the reporter',
  async (version) => {
    await using suite = await playwrightSuite(fixtureSuite, version);
    const args = ['--project=desktop', '--no-deps', '--workers=1', '-g', 'a basket'];
    const access = { RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token };
    const reported = await suite.run([...args, '--reporter=list,runlight/reporter'], access);
    const plain = await suite.run([...args, '--reporter=list']);
    expect(runIdIn(reported.stderr)).toBeDefined();
    const { stdout, stderr, code } = reported;
    expect({ code, stdout: withoutTimes(stdout), stderr: withoutRunlight(stderr) }).toEqual({
      ...plain,
      code: 1,
      stdout: withoutTimes(plain.stdout),
    });
  },
);

async function contentOf(path: string): Promise<Buffer> {
  const answer = await fetch(app().url + path, { headers: app().headers });
  return Buffer.from(await answer.arrayBuffer());
}

/** A registry of browsers with something in the place of ffmpeg: it writes the pictures as they come. */
async function recorderOf({ dir }: PlaywrightSuite): Promise<string> {
  const require = createRequire(await realpath(path.join(dir, 'node_modules/@playwright/test/package.json')));
  const playwright = createRequire(require.resolve('playwright/package.json'));
  const core = path.dirname(playwright.resolve('playwright-core/package.json'));
  const { browsers } = JSON.parse(await readFile(path.join(core, 'browsers.json'), 'utf8')) as {
    browsers: { name: string; revision: string }[];
  };
  const { revision } = browsers.find(({ name }) => name === 'ffmpeg')!;
  const folder = path.join(dir, `registry/ffmpeg-${revision}`);
  await mkdir(folder, { recursive: true });
  // The last argument is the file.
  const program = '#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\nexec cat > "$1"\n';
  await writeFile(path.join(folder, 'ffmpeg-linux'), program, { mode: 0o755 });
  return path.join(dir, 'registry');
}
