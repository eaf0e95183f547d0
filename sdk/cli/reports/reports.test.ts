import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { beginWithCases, caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { runCommand } from '#server/testing/run-command.ts';

const app = useTestApp({});
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-reports-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));
const read = (name: string) => readFile(path.join(dir, name), 'utf8');

/** Text that wants out of XML, Markdown, workflow commands and terminals. */
const evil = ']]> "a" <b> & \u0001\u001B[31m \uFFFE | `x` **y** %0A::error::z, q: \u{1F600}';

async function endedRun() {
  const file = 'login.spec.ts';
  const titles = ['passes', evil, 'is flaky', 'is skipped', 'fails in quarantine', 'never began', 'was interrupted'];
  const cases = titles.map((title) => listedCase(title, { file, titlePath: [title], project: 'chromium' }));
  const { runId } = await beginWithCases(app(), cases);
  await app()
    .services.db.updateTable('runCases')
    .set({ quarantined: true })
    .where('runId', '=', runId)
    .where('index', '=', 4)
    .execute();
  const of = (index: number) => ({ file, title: titles[index]!, project: 'chromium', line: 3 });
  await report(app(), runId, [
    caseEvent(0, 'passed', of(0)),
    failedCase(1, `Error: ${evil}\nsecond line`, of(1)),
    failedCase(2, 'Error: once', of(2)),
    caseEvent(2, 'passed', { ...of(2), attempt: 1, flaky: true }),
    caseEvent(3, 'skipped', { ...of(3), duration: 0, annotations: [{ type: 'skip', description: 'not today' }] }),
    failedCase(4, 'Error: known', of(4)),
    caseEvent(6, 'running', of(6)),
  ]);
  await end(app(), runId, 'failed');
  return runId;
}

function watch(runId: string, args: string[], env: Record<string, string> = {}) {
  return runCommand(['watch', runId, ...args], {
    cwd: dir,
    env: { RUNLIGHT_URL: app().url, RUNLIGHT_TOKEN: app().token, ...env },
  });
}

test('JUnit XML is valid, and has every case with its outcome', async () => {
  const runId = await endedRun();
  expect((await watch(runId, ['--junit', 'out/junit.xml', '--test-dir', 'e2e'])).exitCode).toBe(1);
  const xml = await read('out/junit.xml');
  const schema = await readFile(path.resolve(import.meta.dirname, '../../../shared/run-export/junit.xsd'), 'utf8');
  expect(await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] })).toMatchObject({
    valid: true,
    errors: [],
  });
  const outcome = (name: string) => new RegExp(`<testcase name="${name}"[^>]*>\\s*(<[^>]*>)`).exec(xml)?.[1];
  expect(xml).toContain('<testsuite name="[chromium] e2e/login.spec.ts" tests="7" failures="1" errors="0" skipped="4"');
  expect(outcome('passes')).toBe('<system-out>');
  expect(outcome('is flaky')).toBe('<flakyFailure message="Error: once" type="failed">');
  expect(outcome('is skipped')).toBe('<skipped message="skip: not today"/>');
  expect(outcome('fails in quarantine')).toContain('in quarantine');
  expect(outcome('never began')).toBe('<skipped message="not run"/>');
  expect(outcome('was interrupted')).toBe('<skipped message="interrupted"/>');
  expect(xml).toContain('message="Error: ]]&gt; &quot;a&quot; &lt;b&gt; &amp;');
  expect(xml).toContain('second line');
});

test("GitLab's report names file and line, with a fingerprint that stays the same", async () => {
  const [first, second] = [await endedRun(), await endedRun()];
  const reports: { fingerprint: string; severity: string; location: object }[][] = [];
  for (const runId of [first, second]) {
    await watch(runId, ['--code-quality', 'quality.json', '--test-dir', './e2e/']);
    reports.push(JSON.parse(await read('quality.json')) as (typeof reports)[number]);
  }
  expect(reports[0]!.map(({ severity, location }) => [severity, location])).toEqual([
    ['major', { path: 'e2e/login.spec.ts', lines: { begin: 7 } }],
    ['minor', { path: 'e2e/login.spec.ts', lines: { begin: 7 } }],
    ['minor', { path: 'e2e/login.spec.ts', lines: { begin: 7 } }],
  ]);
  const prints = reports.map((entries) => entries.map(({ fingerprint }) => fingerprint));
  expect(new Set(prints[0]).size).toBe(3);
  expect(prints[1]).toEqual(prints[0]);
});

test('GitHub gets annotations and a summary that no text of a test can break out of', async () => {
  const runId = await endedRun();
  const summary = path.join(dir, 'summary.md');
  const { stdout } = await watch(runId, ['--no-color'], { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
  const commands = stdout.split('\n').filter((line) => line.trimStart().startsWith('::'));
  expect(commands).toEqual([
    expect.stringMatching(/^::error file=login\.spec\.ts,line=7,title=[^,:]+::Error: [^\n]+%0Asecond line%0A/),
    expect.stringMatching(/^::warning file=login\.spec\.ts,line=7,title=Flaky%3A [^,:]+::Error: once%0A/),
  ]);
  expect(commands[0]).toContain('%250A::error::z');
  const markdown = await readFile(summary, 'utf8');
  expect(markdown).toMatch(/^### ❌ The test "Watched" failed/);
  expect(markdown).toContain(`[Open the run](${app().url}/runs/${runId})`);
  expect(markdown.split('\n').filter((line) => /<b>|\*\*y|`x`/.test(line))).toEqual([
    // In the block of code alone.
    expect.stringMatching(/^Error: \]\]>/),
  ]);
});

test('a report that cannot be written is exit code 3, with its path', async () => {
  const runId = await endedRun();
  expect(await watch(runId, ['--junit', '/dev/null/x.xml'])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('/dev/null/x.xml cannot be written'),
  });
});
