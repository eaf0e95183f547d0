import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JSONReport, JSONReportSuite } from '@playwright/test/reporter';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { exportPath, type RunExport } from '#shared/run-exports.ts';
import { playwrightSuite } from '#sdk/reporter/testing/playwright-suite.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { beginWithCases, caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { reportedRun, runIdIn } from '#server/testing/reported-run.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});

async function download(runId: string, file: RunExport) {
  const response = await fetch(app().url + exportPath(runId, file), { headers: app().headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${file}"`);
  return text;
}

/** Text that wants out of XML, Markdown and JSON. */
const evil = ']]> "a" <b> & \u0001\u001B[31m \uFFFE | `x` **y** \u{1F600}';

async function endedRun() {
  const titles = ['passes', evil, 'is flaky', 'is skipped', 'never began'];
  const { runId } = await beginWithCases(
    app(),
    titles.map((title) => listedCase(title, { titlePath: ['Shop', title] })),
  );
  await report(app(), runId, [
    caseEvent(0, 'passed'),
    failedCase(1, `Error: ${evil}\nsecond line`),
    failedCase(2, 'Error: once', { duration: 40 }),
    caseEvent(2, 'passed', { attempt: 1, flaky: true, duration: 65 }),
    caseEvent(3, 'skipped', { duration: 0, annotations: [{ type: 'skip', description: 'not today' }] }),
    { type: 'log', stream: 'stdout', text: 'said', position: 0, caseIndex: 0, attempt: 0 },
  ]);
  await end(app(), runId, 'failed');
  return runId;
}

test('JUnit XML is valid and has all cases; the summary names what failed', async () => {
  const runId = await endedRun();
  const xml = await download(runId, 'junit.xml');
  const schema = await readFile(path.resolve(import.meta.dirname, '../../shared/run-export/junit.xsd'), 'utf8');
  expect(await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] })).toMatchObject({
    valid: true,
    errors: [],
  });
  expect(xml).toContain('tests="5" failures="1" errors="0" skipped="2"');
  expect(xml).toMatch(/<failure message="Error: \]\]&gt; &quot;a&quot; &lt;b&gt;[^"]*" type="failed">/);
  expect(xml).toContain('<flakyFailure message="Error: once" type="failed">');
  const summary = await download(runId, 'summary.md');
  expect(summary).toContain(`[Open the run](${app().url}/runs/${runId})`);
  expect(summary).toContain('second line');
  expect(summary).toMatch(/is flaky.*\| flaky \| Error&#58; once \|/);
});

test('NDJSON has the run, its cases with their attempts, and the whole log in order', async () => {
  const runId = await endedRun();
  // More than a page.
  await sql`insert into run_events (run_id, seq, type, payload, at) select ${runId}, 1000 + n, 'log',
    jsonb_build_object('type', 'log', 'stream', 'stdout', 'text', 'line ' || n), now()
    from generate_series(1, 2500) as n`.execute(app().services.db);
  const lines = (await download(runId, 'run.ndjson')).trimEnd().split('\n');
  const values = lines.map((line) => JSON.parse(line) as { type: string; entry: { seq: number } });
  expect(values[0]).toMatchObject({ type: 'run', run: { id: runId, status: 'failed', total: 5 } });
  expect(values.filter(({ type }) => type === 'case')).toHaveLength(5);
  const ofFlaky = { type: 'attempt', caseIndex: 2 };
  expect(values).toContainEqual(expect.objectContaining({ ...ofFlaky, attempt: 0, status: 'failed', duration: 40 }));
  expect(values).toContainEqual(expect.objectContaining({ ...ofFlaky, attempt: 1, status: 'passed', duration: 25 }));
  const seqs = values.filter(({ type }) => type === 'entry').map(({ entry }) => entry.seq);
  expect(seqs.length).toBeGreaterThan(2_500);
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect(new Set(seqs).size).toBe(seqs.length);
});

test('a run that goes on is not exported, and other names are not found', async () => {
  const { runId } = await beginWithCases(app(), [listedCase('waits')]);
  await expect(download(runId, 'junit.xml')).rejects.toThrow('409');
  await expect(download(runId, 'junit.json' as RunExport)).rejects.toThrow('there are junit.xml, report.json');
});

test("Playwright's JSON is that of Playwright's own reporter, but for what only Playwright knows", async () => {
  await builtPackage();
  await using suite = await playwrightSuite({
    'package.json': JSON.stringify({ name: 'exported', private: true }),
    'playwright.config.ts': `export default {
      retries: 1, projects: [{ name: 'one' }, { name: 'two' }],
      reporter: [['json', { outputFile: 'own.json' }], ['runlight/reporter']],
    };`,
    'shop/pay.spec.ts': `import { test, expect } from '@playwright/test';
      test('passes', { tag: '@smoke' }, async () => {
        console.log('out'); console.error('err');
        await test.step('outer', () => test.step('inner', () => {}));
      });
      test.describe('in a group', () => {
        test('fails', () => expect(1).toBe(2));
        test('is flaky', ({}, info) => expect(info.retry).toBe(1));
        test.skip('is skipped', () => {});
        test('fails as expected', () => { test.fail(); expect(1).toBe(2); });
      });`,
    'other.spec.ts': `import { test } from '@playwright/test'; test('times out', async () => {
      test.setTimeout(300); await new Promise(() => {});
    });`,
  });
  const { stderr } = await suite.run([], { RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token });
  const { id: runId } = await reportedRun(app(), runIdIn(stderr));
  const own = JSON.parse(await readFile(path.join(suite.dir, 'own.json'), 'utf8')) as JSONReport;
  const ours = JSON.parse(await download(runId, 'report.json')) as JSONReport;
  expect(Object.keys(ours)).toEqual(Object.keys(own));
  expect(ours.config.projects.map(({ name }) => name)).toEqual(own.config.projects.map(({ name }) => name));
  expect(comparable(ours)).toEqual(comparable(own));
});

/** What both know, in one order. */
function comparable({ suites, stats }: JSONReport) {
  const of = (suite: JSONReportSuite): object => ({
    title: suite.title,
    file: suite.file,
    suites: (suite.suites ?? []).map(of),
    specs: suite.specs.map(({ title, ok, tags, file, line, tests }) => ({
      title,
      ok,
      tags,
      file,
      line,
      tests: tests.map(({ projectName, expectedStatus, status, annotations, results }) => ({
        projectName,
        expectedStatus,
        status,
        annotations: annotations.map(({ type }) => type),
        results: results.map(({ status, retry, errors, stdout, stderr, steps = [] }) => ({
          status,
          retry,
          // Runlight keeps none of those that `test.fail()` expected.
          errors: expectedStatus === 'failed' ? 0 : errors.length,
          stdout,
          stderr,
          steps: steps.map((step) => [step.title, (step.steps ?? []).map(({ title }) => title)]),
        })),
      })),
    })),
  });
  const { expected, unexpected, flaky, skipped } = stats;
  return {
    stats: { expected, unexpected, flaky, skipped },
    suites: suites.toSorted((a, b) => (a.file < b.file ? -1 : 1)).map(of),
  };
}
