import type {
  JSONReport,
  JSONReportSpec,
  JSONReportSuite,
  JSONReportTest,
  JSONReportTestResult,
  TestStatus as PlaywrightStatus,
} from '@playwright/test/reporter';
import { sql } from 'kysely';
import type { ExportedRun } from '#shared/run-export/exported-run.ts';
import type { TestError } from '#shared/events.ts';
import { isFailedTest, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { type AttemptParts, findAttemptParts, noParts } from './attempt-parts.ts';
import { type Attempt, type CaseWithAttempts, findCasesAt } from './read-cases.ts';

/** The report of Playwright's `json` reporter, file by file, so that the output of one file at most is in memory. */
export async function* exportPlaywrightJson(db: Database, { run, url }: ExportedRun): AsyncGenerator<string> {
  const files = await findFiles(db, run.id);
  const names = [...new Set(files.flatMap(({ projects }) => projects))];
  const stats: JSONReport['stats'] = {
    startTime: run.startedAt ?? run.queuedAt,
    duration: run.duration ?? 0,
    expected: 0,
    unexpected: 0,
    flaky: 0,
    skipped: 0,
  };
  yield `{"config":${JSON.stringify(configOf(names))},"suites":[`;
  for (const [place, { name, indexes }] of files.entries()) {
    const cases = await findCasesAt(db, run.id, indexes);
    const parts = await findAttemptParts(db, { runId: run.id, indexes, url });
    const suite = suiteOf(name, cases, parts);
    for (const found of cases) stats[outcomeOf(found)] += 1;
    yield `${place === 0 ? '' : ','}${JSON.stringify(suite)}`;
  }
  const errors = run.errorDetails === null || run.errorCode === null ? [] : [{ message: run.errorDetails }];
  yield `],"errors":${JSON.stringify(errors)},"stats":${JSON.stringify(stats)}}`;
}

interface FileOfRun {
  /** Or that of a script. */
  name: string;
  projects: string[];
  indexes: number[];
}

async function findFiles(db: Database, runId: string): Promise<FileOfRun[]> {
  const { rows } = await sql<FileOfRun>`
    select coalesce(nullif(cases.file, ''), run_tests.name, '') as name, array_agg(distinct cases.project) as projects,
      array_agg(of_run.index order by of_run.index) as indexes
    from run_cases as of_run join cases on cases.id = of_run.case_id
    left join run_tests on run_tests.run_id = of_run.run_id and run_tests.position = of_run.position
    where of_run.run_id = ${runId} group by 1 order by min(of_run.index)`.execute(db);
  return rows;
}

/** What Playwright's own report says of the configuration and Runlight does not know is empty. */
function configOf(projects: readonly string[]): object {
  return {
    rootDir: '',
    projects: projects.map((name) => ({
      outputDir: '',
      repeatEach: 1,
      retries: 0,
      metadata: {},
      id: name,
      name,
      testDir: '',
      testIgnore: [],
      testMatch: [],
      timeout: 0,
    })),
  } satisfies { rootDir: string; projects: JSONReport['config']['projects'] };
}

/** A suite of a file, with one of each `describe` in it. A case in several projects is one spec with several tests. */
function suiteOf(file: string, cases: readonly CaseWithAttempts[], parts: ReadonlyMap<string, AttemptParts>) {
  const newSuite = (title: string): JSONReportSuite => ({ title, file, line: 0, column: 0, specs: [] });
  const root = newSuite(file);
  const suites = new Map([['[]', root]]);
  const specs = new Map<string, JSONReportSpec>();
  for (const found of cases) {
    const { titlePath, line, repeat } = found;
    let suite = root;
    for (let depth = 1; depth < titlePath.length; depth += 1) {
      const key = JSON.stringify(titlePath.slice(0, depth));
      const known = suites.get(key) ?? newSuite(titlePath[depth - 1]!);
      if (!suites.has(key)) (suite.suites ??= []).push(known);
      suites.set(key, known);
      suite = known;
    }
    const title = titlePath.at(-1) ?? file;
    const key = JSON.stringify([titlePath, line, repeat]);
    let spec = specs.get(key);
    if (!spec) {
      const tags = found.tags.map((tag) => tag.replace(/^@/, ''));
      spec = { title, ok: true, tags, tests: [], id: found.caseId, file, line: line ?? 0, column: 0 };
      specs.set(key, spec);
      suite.specs.push(spec);
    }
    const test = testOf(found, parts);
    spec.tests.push(test);
    spec.ok &&= test.status !== 'unexpected';
  }
  return root;
}

const isExpectedToFail = ({ annotations }: CaseWithAttempts) => annotations.some(({ type }) => type === 'fail');

function testOf(found: CaseWithAttempts, parts: ReadonlyMap<string, AttemptParts>): JSONReportTest {
  const { project, annotations, status, quarantined } = found;
  const noted = annotations.map(({ type, description }) => ({ type, ...(description != null && { description }) }));
  const isSkipped = status === 'skipped' && annotations.some(({ type }) => ['skip', 'fixme'].includes(type));
  return {
    timeout: 0,
    annotations: quarantined ? [...noted, { type: 'quarantine' }] : noted,
    expectedStatus: isSkipped ? 'skipped' : isExpectedToFail(found) ? 'failed' : 'passed',
    projectId: project,
    projectName: project,
    results: found.attempts.map((attempt) =>
      resultOf(found, attempt, parts.get(`${found.index} ${attempt.attempt}`) ?? noParts),
    ),
    status: outcomeOf(found),
  };
}

function outcomeOf({ status, flaky }: CaseWithAttempts): JSONReportTest['status'] {
  if (status === 'passed') return flaky ? 'flaky' : 'expected';
  return isFailedTest(status) ? 'unexpected' : 'skipped';
}

function resultOf(found: CaseWithAttempts, attempt: Attempt, parts: AttemptParts): JSONReportTestResult {
  const { startedAt, duration, errors } = attempt;
  const [error] = errors;
  return {
    workerIndex: -1,
    parallelIndex: -1,
    shardIndex: found.part,
    status: playwrightStatus(attempt.status, isExpectedToFail(found)),
    duration: duration ?? 0,
    error: error && {
      message: error.message,
      ...(error.snippet != null && { snippet: error.snippet }),
      ...placeOf(found, error),
    },
    errors: errors.map((one) => ({
      message: one.snippet ? `${one.message}\n\n${one.snippet}` : one.message,
      ...placeOf(found, one),
    })),
    stdout: parts.stdout,
    stderr: parts.stderr,
    retry: attempt.attempt,
    ...(parts.steps.length > 0 && { steps: parts.steps }),
    startTime: startedAt ?? found.startedAt ?? '',
    annotations: [],
    attachments: parts.attachments,
    ...(error && placeOf(found, error).location && { errorLocation: placeOf(found, error).location! }),
  };
}

function placeOf({ file, script }: CaseWithAttempts, { line, column }: TestError) {
  return line == null ? {} : { location: { file: file || (script ?? ''), line, column: column ?? 0 } };
}

/** What Runlight calls passed, Playwright calls failed where `test.fail()` expected that; and the other way round. */
function playwrightStatus(status: TestStatus, isFlipped: boolean): PlaywrightStatus | undefined {
  switch (status) {
    case 'passed':
      return isFlipped ? 'failed' : 'passed';
    case 'failed':
      return isFlipped ? 'passed' : 'failed';
    case 'timed_out':
      return 'timedOut';
    case 'skipped':
    case 'interrupted':
      return status;
    case 'pending':
    case 'running':
      return undefined;
  }
}
