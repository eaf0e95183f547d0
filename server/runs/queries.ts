import { sql } from 'kysely';
import { validate } from 'uuid';
import type { RunKind, RunSummary, RunTrigger } from '#shared/events.ts';
import type { RunStatus } from '#shared/run-status.ts';
import { idsBetween, nextCursor, parseCursor } from '#server/db/cursor.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { findBuild } from './build-attempts.ts';
import { findSuiteRun } from './find-bundles.ts';
import { findParts } from './write-parts.ts';
import { runColumns, type RunRow, sourceOf, toRunSummary } from './run-state.ts';

export function findRun(db: Database, projectId: string, runId: string): Promise<RunRow | undefined> {
  return db
    .selectFrom('runs')
    .select(runColumns)
    .where('id', '=', runId)
    .where('projectId', '=', projectId)
    .executeTakeFirst();
}

/** Throws NOT_FOUND. */
export async function getRun(db: Database, projectId: string, runId: string): Promise<RunRow> {
  return (await findRun(db, projectId, runId)) ?? runNotFound(runId);
}

export function runNotFound(runId: string): never {
  throw new AppError('NOT_FOUND', `There is no run ${runId}.`);
}

/** A run with its tests and artifacts. Throws NOT_FOUND. */
export async function getRunDetails(db: Database, projectId: string, runId: string) {
  const run = await getRun(db, projectId, runId);
  const [tests, artifacts, parts, expectedDuration, build, suiteRun] = await Promise.all([
    db
      .selectFrom('runTests')
      .leftJoin('tests', 'tests.id', 'runTests.testId')
      .select(['position', 'testId', 'runTests.name', 'status', 'flaky', 'durationMs as duration', 'error'])
      .select('runTests.settings')
      // Line numbers of errors refer to the script as it was run, and other line ends do not change them.
      .select(
        sql<boolean>`tests.script is distinct from run_tests.script
          and ${linesOf('tests.script')} is distinct from ${linesOf('run_tests.script')}`.as('scriptChanged'),
      )
      .where('runId', '=', runId)
      .orderBy('position')
      .execute(),
    db
      .selectFrom('artifacts')
      .select(['id', 'kind', 'name', 'path', 'bytes', 'contentType', 'runTestPosition as position'])
      .select(['caseIndex', 'attempt', 'snapshot'])
      .where('runId', '=', runId)
      .orderBy('id')
      .execute(),
    findParts(db, runId),
    findExpectedDuration(db, run),
    run.origin === 'reporter' ? findBuild(db, runId) : null,
    run.kind === 'suite' && run.origin === 'worker' ? findSuiteRun(db, runId) : null,
  ]);
  return {
    ...toRunSummary(run),
    errorDetails: run.errorDetails,
    artifactPaths: run.artifactPaths,
    cancelRequestedAt: run.cancelRequestedAt,
    tests,
    parts,
    /** Of a reported run. */
    build,
    /** Of a suite's run on workers. */
    suiteRun,
    /**
     * Milliseconds: the median of the last 10 runs of the same test, job or suite (on the same branch, if it has any) that passed
     * or failed; null without any, and for a run of some cases.
     */
    expectedDuration,
    artifacts: artifacts.map((artifact) => ({ ...artifact, name: nameOf(artifact) })),
  };
}

/** Artifacts of earlier versions are named by their path. */
export function nameOf({ name, path }: { name: string | null; path: string }): string {
  return name ?? decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}

/** Runs of a branch that has none are expected to take as long as those of others. */
async function findExpectedDuration(db: Database, run: RunRow): Promise<number | null> {
  if (run.partial) return null;
  const ofBranch = run.branch === null ? null : await findMedianDuration(db, run, run.branch);
  return ofBranch ?? findMedianDuration(db, run);
}

async function findMedianDuration(db: Database, run: RunRow, branch?: string): Promise<number | null> {
  const { column, id } = sourceOf(run);
  const { rows } = await sql<{ median: number | null }>`
    select percentile_cont(0.5) within group (order by duration_ms) as median from (
      select duration_ms from runs
      where ${sql.ref(column)} = ${id} and id < ${run.id} and not partial and status in ('passed', 'failed')
        ${branch === undefined ? sql`` : sql`and project_id = ${run.projectId} and branch = ${branch}`}
      order by id desc limit 10
    ) as judged`.execute(db);
  return rows[0]?.median ?? null;
}

const linesOf = (column: string) => sql`regexp_replace(${sql.ref(column)}, e'\\r\\n?', e'\\n', 'g')`;

export interface RunListFilter {
  testId?: string | undefined;
  jobId?: string | undefined;
  suiteId?: string | undefined;
  branch?: string | undefined;
  /** The beginning of its hash, in digits and letters alone. */
  commit?: string | undefined;
  kind?: RunKind | undefined;
  status?: RunStatus[] | undefined;
  trigger?: RunTrigger[] | undefined;
  search?: string | undefined;
  /** ISO times: queued at `since` or later, and before `until`. */
  since?: string | undefined;
  until?: string | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/** Newest first. */
export async function listRuns(db: Database, projectId: string, filter: RunListFilter) {
  const { testId, jobId, suiteId, branch, commit, kind, status, trigger, since, until, limit } = filter;
  const search = filter.search?.trim();
  const after = parseCursor(filter.cursor);
  const rows = await db
    .selectFrom('runs')
    .select(runColumns)
    .where('projectId', '=', projectId)
    .$if(testId !== undefined, (query) => query.where('testId', '=', testId!))
    .$if(jobId !== undefined, (query) => query.where('jobId', '=', jobId!))
    .$if(suiteId !== undefined, (query) => query.where('suiteId', '=', suiteId!))
    .$if(branch !== undefined, (query) => query.where('branch', '=', branch!))
    .$if(commit !== undefined, (query) => query.where('commitSha', 'like', `${commit!.toLowerCase()}%`))
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
    .$if(status !== undefined, (query) => query.where('status', 'in', status!))
    .$if(trigger !== undefined, (query) => query.where('trigger', 'in', trigger!))
    .$if(Boolean(search), (query) => query.where(matches(search!)))
    .$if(since !== undefined, (query) =>
      query.where('queuedAt', '>=', since!).where('id', '>=', idsBetween.from(since!)),
    )
    .$if(until !== undefined, (query) =>
      query.where('queuedAt', '<', until!).where('id', '<', idsBetween.before(until!)),
    )
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(toRunSummary);
  return { items, nextCursor: nextCursor(items, rows.length > limit) };
}

/** Uses the expression of the index `runs_by_text`. `%` and `_` are literal. */
function matches(search: string) {
  if (validate(search)) return sql<boolean>`id = ${search}`;
  const text = storableText(search).replaceAll(/[\\%_]/g, '\\$&');
  return sql<boolean>`lower(name || ' ' || coalesce(triggered_by, '')) like lower(${`%${text}%`})`;
}

/**
 * The newest run of each test, job or suite that has one. A run of some cases alone, and a retry that was cancelled, leave
 * the run before it the newest.
 */
export async function findLastRuns(
  db: Database,
  source: 'testId' | 'jobId' | 'suiteId',
  ids: readonly string[],
): Promise<Map<string, RunSummary>> {
  if (ids.length === 0) return new Map();
  const columns = sql.join(runColumns.map((column) => sql.ref(`runs.${column}`)));
  const { rows } = await sql<RunRow>`
    select run.* from unnest(${ids}::uuid[]) as source(id)
    cross join lateral (
      select ${columns} from runs where ${sql.ref(`runs.${source}`)} = source.id
        and not runs.partial and (runs.status <> 'cancelled' or runs.retry_of is null)
      order by runs.id desc limit 1
    ) as run`.execute(db);
  return new Map(rows.map((run) => [run[source]!, toRunSummary(run)]));
}
