import { type ExpressionBuilder, sql } from 'kysely';
import type { RunEventBody } from '#shared/events.ts';
import type { CaseState } from '#shared/run-cases.ts';
import { failedTestStatuses, isLiveTest, isUnsuccessfulTest, liveTestStatuses } from '#shared/run-status.ts';
import type { Trx } from '#server/db/database.ts';
import type { Tables } from '#server/db/tables.ts';
import { type CountedCase, differenceOf, noCases } from './case-counts.ts';
import { fingerprintOf } from './fingerprint.ts';

type EventOf<Type extends RunEventBody['type']> = Extract<RunEventBody, { type: Type }>;
type CaseEvent = EventOf<'case'>;

interface StateRow extends CountedCase {
  index: number;
  attempt: number;
}

const stateColumns = ['index', 'status', 'attempt', 'durationMs', 'flaky', 'quarantined'] as const;

export function toCaseState({ index, status, attempt, durationMs, flaky, quarantined }: StateRow): CaseState {
  return [index, status, attempt, durationMs, `${flaky ? 'f' : ''}${quarantined ? 'q' : ''}`];
}

interface WrittenCase {
  caseId: string;
  part: number;
  before: CountedCase;
  named: Pick<CaseEvent, 'project' | 'file' | 'title' | 'line'> | null;
}

/** Which change of which run is being written. */
export interface RunVersion {
  runId: string;
  projectId: string;
  /** The version that the run gets. */
  version: number;
}

/**
 * Sets the states of cases, in one statement. Resolves to the new states, and to the events as the log keeps them: with
 * identity and quarantine; and by how much the counts of the run change. An event of a case that the run does not have is
 * left out. `ofSuite`: the events do not say what the cases are called, and get that from the rows.
 */
export async function writeCases(
  trx: Trx,
  { runId, projectId, version }: RunVersion,
  events: readonly CaseEvent[],
  { ofSuite }: { ofSuite: boolean },
) {
  const known = new Map<CaseEvent, CaseEvent>();
  if (events.length === 0) return { states: [], known, difference: noCases };
  const changes = new Map<number, ReturnType<typeof toChange>>();
  for (const event of events) changes.set(event.index, toChange(projectId, event, changes.get(event.index)));
  const named = ofSuite
    ? sql`json_build_object('project', project, 'file', file, 'title', title, 'line', line)`
    : sql`null`;
  const { rows } = await sql<StateRow & WrittenCase>`
    with change as (
      select * from jsonb_to_recordset(${JSON.stringify([...changes.values()])}::jsonb) as change(index integer,
        status text, attempt integer, flaky boolean, duration float8, error jsonb, errors jsonb, fingerprint text,
        has_ended boolean, annotations jsonb, tags jsonb)
    ), before as (
      select run_cases.index, run_cases.status, run_cases.flaky, quarantined, duration_ms, ${named} as named
      from change join run_cases on run_id = ${runId} and run_cases.index = change.index
      ${ofSuite ? sql`join cases on cases.id = case_id` : sql``}
    )
    update run_cases set status = change.status, attempt = change.attempt, flaky = change.flaky,
      duration_ms = change.duration, error = change.error, errors = change.errors, fingerprint = change.fingerprint,
      annotations = coalesce(change.annotations, run_cases.annotations), tags = coalesce(change.tags, run_cases.tags),
      version = ${version}, started_at = coalesce(started_at, now()),
      completed_at = case when change.has_ended then now() end
    from change join before using (index)
    where run_id = ${runId} and run_cases.index = change.index and not is_script
    returning run_cases.index, run_cases.status, run_cases.attempt, run_cases.duration_ms, run_cases.flaky,
      run_cases.quarantined, case_id, part, json_build_object('status', before.status, 'flaky', before.flaky,
        'quarantined', before.quarantined, 'durationMs', before.duration_ms) as before, named`.execute(trx);
  const written = new Map(rows.map((row) => [row.index, row]));
  for (const event of events) {
    const row = written.get(event.index);
    if (row)
      known.set(event, { ...event, ...row.named, caseId: row.caseId, part: row.part, quarantined: row.quarantined });
  }
  return { states: toCaseStates(rows), known, difference: differenceOf(rows.map((row) => [row.before, row])) };
}

/** A row of the statement. Annotations and tags of an earlier event stay. */
function toChange(projectId: string, event: CaseEvent, earlier: Pick<CaseEvent, 'annotations' | 'tags'> | undefined) {
  const { index, status, attempt, flaky, duration, error, errors = error && [error] } = event;
  return {
    index,
    status,
    attempt,
    flaky,
    duration,
    error,
    errors,
    fingerprint: error && isUnsuccessfulTest(status) ? fingerprintOf(projectId, error) : null,
    has_ended: !isLiveTest(status),
    annotations: event.annotations ?? earlier?.annotations,
    tags: event.tags ?? earlier?.tags,
  };
}

function toCaseStates(rows: StateRow[]): CaseState[] {
  return rows.toSorted((a, b) => a.index - b.index).map(toCaseState);
}

/** Gives a script's result to the case that stands for it, if Playwright has not listed its cases. */
export async function writeCaseOfScript(
  trx: Trx,
  { runId, projectId, version }: RunVersion,
  test: EventOf<'test'>,
): Promise<CaseState[]> {
  const rows = await trx
    .updateTable('runCases')
    .set({
      status: test.status,
      flaky: test.flaky,
      durationMs: test.duration,
      error: JSON.stringify(test.error),
      errors: JSON.stringify(test.error && [test.error]),
      fingerprint: test.error && isUnsuccessfulTest(test.status) ? fingerprintOf(projectId, test.error) : null,
      version,
    })
    .where('runId', '=', runId)
    .where('position', '=', test.position)
    .where('isScript', '=', true)
    .returning(stateColumns)
    .execute();
  return rows.map(toCaseState);
}

/** Cases of the run, or of one part, that were running become `interrupted`, cases that were pending `skipped`. */
export async function settleCases(trx: Trx, { runId, version }: RunVersion, part?: number): Promise<CaseState[]> {
  const rows = await trx
    .updateTable('runCases')
    .set({
      status: sql`case status when 'running' then 'interrupted' else 'skipped' end`,
      completedAt: sql<string>`case status when 'running' then now() end`,
      version,
    })
    .where('runId', '=', runId)
    .where('status', 'in', liveTestStatuses)
    .$if(part !== undefined, (query) => query.where('part', '=', part!))
    .returning(stateColumns)
    .execute();
  return toCaseStates(rows);
}

/**
 * Scripts of which only cases in quarantine failed have passed. Resolves to their new results.
 */
export async function passQuarantinedScripts(trx: Trx, runId: string): Promise<EventOf<'test'>[]> {
  const ofScript = (eb: ExpressionBuilder<Tables, 'runTests'>, quarantined: boolean) =>
    eb.exists(
      eb
        .selectFrom('runCases')
        .select(eb.lit(1).as('one'))
        .where('runCases.runId', '=', runId)
        .whereRef('runCases.position', '=', 'runTests.position')
        .where('runCases.status', 'in', failedTestStatuses)
        .where('quarantined', '=', quarantined),
    );
  const passed = await trx
    .updateTable('runTests')
    .set({ status: 'passed', error: 'null' })
    .where('runId', '=', runId)
    .where('status', 'in', failedTestStatuses)
    .where((eb) => ofScript(eb, true))
    .where((eb) => eb.not(ofScript(eb, false)))
    .returning(['position', 'name', 'status', 'flaky', 'durationMs', 'error'])
    .execute();
  return passed.map(({ durationMs, ...test }) => ({ type: 'test', ...test, duration: durationMs }));
}
