import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { TestError } from '#shared/events.ts';
import { withRepetition } from '#shared/repetitions.ts';
import { type CaseAnnotation, titleSeparator } from '#shared/run-cases.ts';
import type { TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { getRun, nameOf } from './queries.ts';
import { commandOf } from './retry-command.ts';
import { firstLine } from './run-state.ts';

/** A case of a run. */
export interface RunCase {
  /** Index in the run, from 0. */
  index: number;
  /** The id of the case in all its runs. */
  caseId: string;
  part: number;
  /** Position of the script in the run, from 0; null in a run of a suite. */
  position: number | null;
  /** Name of the script; null in a run of a suite. */
  script: string | null;
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Relative to Playwright's `rootDir`; empty for a script. */
  file: string;
  /** Empty while Playwright has not listed the script's cases, and if it cannot: then the case stands for the script. */
  titlePath: string[];
  /** Joined with " › ". */
  title: string;
  /** From 0: the repetition, in a run that repeats a case. Titles say it, too. */
  repeat: number | null;
  line: number | null;
  tags: string[];
  annotations: CaseAnnotation[];
  status: TestStatus;
  /** From 0. */
  attempt: number;
  flaky: boolean;
  quarantined: boolean;
  /** Milliseconds of all attempts that have ended; null for a case that did not run. */
  duration: number | null;
  /** Error of the last attempt; lists have only its first line. */
  error: TestError | null;
  startedAt: string | null;
}

export interface CaseFilter {
  runId: string;
  status?: readonly (TestStatus | 'flaky' | 'quarantined')[] | undefined;
  project?: string | undefined;
  file?: string | undefined;
  part?: number | undefined;
  search?: string | undefined;
  sort?: 'index' | 'slowest' | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/** Characters of an error that lists show. */
const errorLength = 1_000;

/** Selects cases of runs as `RunCase`; the caller adds the condition on `of_run`. */
export const selectCases = (error: RawBuilder<unknown>) => sql`
  select of_run.index, of_run.case_id, of_run.part, of_run.position, run_tests.name as script, cases.project, cases.file,
    cases.title_path, cases.title, of_run.repeat, of_run.line, of_run.tags, of_run.annotations, of_run.status, of_run.attempt,
    of_run.flaky, of_run.quarantined, of_run.duration_ms as duration, ${error} as error, of_run.started_at
  from run_cases as of_run join cases on cases.id = of_run.case_id
  left join run_tests on run_tests.run_id = of_run.run_id and run_tests.position = of_run.position`;

/** Cases of a run, in their order or the slowest first. Throws NOT_FOUND. */
export async function listCases(db: Database, projectId: string, filter: CaseFilter) {
  const { runId, limit, sort = 'index' } = filter;
  await getRun(db, projectId, runId);
  const after = parseCursor(filter.cursor, sort);
  const shortError = sql`case when jsonb_typeof(of_run.error) = 'object'
    then jsonb_build_object('message', left(of_run.error->>'message', ${errorLength}), 'line', of_run.error->'line') end`;
  const { rows } = await sql<RunCase>`
    ${selectCases(shortError)} where of_run.run_id = ${runId} and ${sql.join(conditionsOf(filter, after), sql` and `)}
    order by ${sort === 'slowest' ? sql`coalesce(of_run.duration_ms, -1) desc, of_run.index` : sql`of_run.index`}
    limit ${limit + 1}`.execute(db);
  const items = rows.slice(0, limit).map((row) => ({
    ...row,
    ...repeatedTitles(row),
    error: row.error && { message: firstLine(row.error.message) ?? '', line: row.error.line ?? null },
  }));
  return { items, nextCursor: rows.length > limit ? cursorAfter(items.at(-1)!, sort) : null };
}

export function repeatedTitles({ titlePath, repeat }: Pick<RunCase, 'titlePath' | 'repeat'>) {
  const titles = withRepetition(titlePath, repeat ?? 0);
  return { titlePath: titles, title: titles.join(titleSeparator) };
}

function conditionsOf({ status, project, file, part, search }: CaseFilter, after: Place | undefined) {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (status) conditions.push(sql`(${sql.join(status.map(isMarked), sql` or `)})`);
  if (project !== undefined) conditions.push(sql`cases.project = ${storableText(project)}`);
  if (file !== undefined) conditions.push(sql`coalesce(run_tests.name, cases.file) = ${storableText(file)}`);
  if (part !== undefined) conditions.push(sql`of_run.part = ${part}`);
  const text = search && storableText(search.trim());
  if (text)
    conditions.push(sql`(position(lower(${text}) in lower(concat_ws(' › ', cases.file, run_tests.name, cases.title))) > 0
      or of_run.tags ? ${text})`);
  if (after)
    conditions.push(
      after.duration === undefined
        ? sql`of_run.index > ${after.index}`
        : sql`(-coalesce(of_run.duration_ms, -1), of_run.index) > (${-after.duration}::float8, ${after.index}::integer)`,
    );
  return conditions;
}

function isMarked(status: TestStatus | 'flaky' | 'quarantined') {
  if (status === 'flaky') return sql`of_run.flaky`;
  return status === 'quarantined' ? sql`of_run.quarantined` : sql`of_run.status = ${status}`;
}

/** The last case of a page; `duration` where the slowest come first, and -1 for none. */
const place = z.strictObject({ index: z.int().nonnegative().max(2_147_483_647), duration: z.number().optional() });
type Place = z.infer<typeof place>;

/** Opaque to clients. */
function cursorAfter({ index, duration }: RunCase, sort: 'index' | 'slowest'): string {
  const last: Place = sort === 'slowest' ? { index, duration: duration ?? -1 } : { index };
  return Buffer.from(JSON.stringify(last)).toString('base64url');
}

/** Throws BAD_REQUEST for a cursor that `cursorAfter` did not make for this order. */
function parseCursor(cursor: string | null | undefined, sort: 'index' | 'slowest'): Place | undefined {
  if (!cursor) return undefined;
  const found = place.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString())).data;
  if (!found || (found.duration === undefined) !== (sort === 'index'))
    throw new AppError('BAD_REQUEST', 'must be the nextCursor of an earlier page with the same order', {
      field: 'cursor',
    });
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The median duration of a case is that of this many runs. */
const medianOf = 10;

/** A case of a run with all its details. Throws NOT_FOUND. */
export async function getCase(db: Database, projectId: string, { runId, index }: { runId: string; index: number }) {
  const run = await getRun(db, projectId, runId);
  const { rows } = await sql<RunCase & { errors: TestError[] | null; fingerprint: string | null }>`
    select found.*, run_cases.errors, run_cases.fingerprint
    from (${selectCases(sql`of_run.error`)} where of_run.run_id = ${runId} and of_run.index = ${index}) as found
    join run_cases on run_cases.run_id = ${runId} and run_cases.index = found.index`.execute(db);
  const found = rows[0];
  if (!found) return caseNotFound(run, index);
  const [artifacts, median, quarantine] = await Promise.all([
    db
      .selectFrom('artifacts')
      .select(['id', 'kind', 'name', 'path', 'bytes', 'contentType', 'attempt', 'snapshot'])
      .where('runId', '=', runId)
      .where('caseIndex', '=', index)
      .orderBy('id')
      .execute(),
    sql<{ median: number | null }>`
      select percentile_cont(0.5) within group (order by duration_ms) as median from (
        select duration_ms from run_cases
        where case_id = ${found.caseId} and repeat is null and run_id <> ${runId} and status = 'passed' and duration_ms is not null
        order by run_id desc limit ${medianOf}
      ) as newest`.execute(db),
    db
      .selectFrom('quarantines')
      .select(['reason', 'owner', 'expiresAt'])
      .where('caseId', '=', found.caseId)
      .executeTakeFirst(),
  ]);
  return {
    ...found,
    ...repeatedTitles(found),
    errors: found.errors ?? [],
    artifacts: artifacts.map((artifact) => ({ ...artifact, name: nameOf(artifact) })),
    /** Milliseconds: the median of the last 10 other runs in which the case passed; null without any. */
    medianDuration: median.rows[0]?.median ?? null,
    quarantine: quarantine ?? null,
    /** Runs the case in the folder of its suite; null for a case of a script. */
    command: found.file ? commandOf(found.project, [found]) : null,
  };
}

/**
 * The index of the requested case in the run; the request names its index or its id. Null if it names none. Throws NOT_FOUND
 * for a case that the run does not have.
 */
export async function findCaseIndex(
  db: Database,
  projectId: string,
  {
    runId,
    caseId,
    caseIndex,
  }: { runId: string; caseId?: string | null | undefined; caseIndex?: number | null | undefined },
): Promise<number | null> {
  if (caseId == null && caseIndex == null) return null;
  const run = await getRun(db, projectId, runId);
  const found = await db
    .selectFrom('runCases')
    .select('index')
    .where('runId', '=', runId)
    .$if(caseId != null, (query) => query.where('caseId', '=', caseId!))
    .$if(caseIndex != null, (query) => query.where('index', '=', caseIndex!))
    .orderBy('index')
    .limit(1)
    .executeTakeFirst();
  return found?.index ?? caseNotFound(run, caseIndex ?? caseId!);
}

function caseNotFound({ total }: { total: number }, asked: number | string): never {
  throw new AppError(
    'NOT_FOUND',
    `The run has no case ${asked}: it has ${total} ${total === 1 ? 'case' : 'cases'}, and the first one has the index 0.`,
  );
}
