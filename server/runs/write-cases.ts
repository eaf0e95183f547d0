import { type ExpressionBuilder, sql } from 'kysely';
import type { RunEventBody } from '#shared/events.ts';
import type { CaseCounts, CaseState, PartState } from '#shared/run-cases.ts';
import {
  failedTestStatuses,
  isTerminal,
  liveTestStatuses,
  type RunStatus,
  type TestStatus,
} from '#shared/run-status.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { Tables } from '#server/db/tables.ts';

type EventOf<Type extends RunEventBody['type']> = Extract<RunEventBody, { type: Type }>;
type CaseEvent = EventOf<'case'>;

interface StateRow {
  index: number;
  status: TestStatus;
  attempt: number;
  durationMs: number | null;
  flaky: boolean;
  quarantined: boolean;
}

const stateColumns = ['index', 'status', 'attempt', 'durationMs', 'flaky', 'quarantined'] as const;

export function toCaseState({ index, status, attempt, durationMs, flaky, quarantined }: StateRow): CaseState {
  return [index, status, attempt, durationMs, `${flaky ? 'f' : ''}${quarantined ? 'q' : ''}`];
}

/**
 * Sets the states of cases. Resolves to the new states, and to the events as the log keeps them: with identity and
 * quarantine. An event of a case that the run does not have is left out.
 */
export async function writeCases(trx: Trx, runId: string, version: number, events: readonly CaseEvent[]) {
  const states: CaseState[] = [];
  const known = new Map<CaseEvent, CaseEvent>();
  for (const event of events) {
    const hasEnded = !liveTestStatuses.some((status) => status === event.status);
    const row = await trx
      .updateTable('runCases')
      .set((eb) => ({
        status: event.status,
        attempt: event.attempt,
        flaky: event.flaky,
        durationMs: event.duration,
        error: JSON.stringify(event.error),
        errors: JSON.stringify(event.errors ?? (event.error ? [event.error] : null)),
        ...(event.annotations && { annotations: JSON.stringify(event.annotations) }),
        ...(event.tags && { tags: JSON.stringify(event.tags) }),
        version,
        startedAt: eb.fn.coalesce('startedAt', sql<string>`now()`),
        completedAt: hasEnded ? sql<string>`now()` : null,
      }))
      .where('runId', '=', runId)
      .where('index', '=', event.index)
      .where('isScript', '=', false)
      .returning([...stateColumns, 'caseId', 'part'])
      .executeTakeFirst();
    if (!row) continue;
    states.push(toCaseState(row));
    known.set(event, { ...event, caseId: row.caseId, part: row.part, quarantined: row.quarantined });
  }
  return { states, known };
}

/** Gives a script's result to the case that stands for it, if Playwright has not listed its cases. */
export async function writeCaseOfScript(trx: Trx, runId: string, version: number, test: EventOf<'test'>) {
  const rows = await trx
    .updateTable('runCases')
    .set({
      status: test.status,
      flaky: test.flaky,
      durationMs: test.duration,
      error: JSON.stringify(test.error),
      errors: JSON.stringify(test.error && [test.error]),
      version,
    })
    .where('runId', '=', runId)
    .where('position', '=', test.position)
    .where('isScript', '=', true)
    .returning(stateColumns)
    .execute();
  return rows.map(toCaseState);
}

/** Cases that were running become `interrupted`, cases that were pending `skipped`. */
export async function settleCases(trx: Trx, runId: string, version: number): Promise<CaseState[]> {
  const rows = await trx
    .updateTable('runCases')
    .set({
      status: sql`case status when 'running' then 'interrupted' else 'skipped' end`,
      completedAt: sql<string>`case status when 'running' then now() end`,
      version,
    })
    .where('runId', '=', runId)
    .where('status', 'in', liveTestStatuses)
    .returning(stateColumns)
    .execute();
  return rows.toSorted((a, b) => a.index - b.index).map(toCaseState);
}

/** The counts of a run, and its failed cases in quarantine. */
export async function countCases(trx: Trx, runId: string): Promise<CaseCounts> {
  const isFailed = (eb: ExpressionBuilder<Tables, 'runCases'>) => eb('status', 'in', failedTestStatuses);
  return await trx
    .selectFrom('runCases')
    .select((eb) => {
      const { countAll } = eb.fn;
      return [
        countAll<number>().as('total'),
        countAll<number>().filterWhere('status', '=', 'passed').as('passed'),
        countAll<number>()
          .filterWhere((eb) => eb.and([isFailed(eb), eb('quarantined', '=', false)]))
          .as('failed'),
        countAll<number>()
          .filterWhere((eb) => eb.and([isFailed(eb), eb('quarantined', '=', true)]))
          .as('quarantined'),
        countAll<number>().filterWhere('status', '=', 'skipped').as('skipped'),
        // Playwright measures every case that it skips.
        countAll<number>()
          .filterWhere((eb) => eb.and([eb('status', '=', 'skipped'), eb('durationMs', 'is', null)]))
          .as('notRun'),
        countAll<number>().filterWhere('flaky', '=', true).as('flaky'),
      ];
    })
    .where('runId', '=', runId)
    .executeTakeFirstOrThrow();
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

/** A run whose status changes takes its parts along. A part that has ended does not change again. */
export async function writeParts(trx: Trx, runId: string, to: RunStatus, workerId: string | undefined): Promise<void> {
  await trx
    .updateTable('runParts')
    .set({
      status: to,
      ...(to === 'running' && { startedAt: sql<string>`now()` }),
      ...(isTerminal(to) && { completedAt: sql<string>`now()` }),
      ...(workerId !== undefined && {
        executor: sql<string>`coalesce((select host from workers where id = ${workerId}), ${workerId})`,
      }),
    })
    .where('runId', '=', runId)
    .where('completedAt', 'is', null)
    .execute();
}

export function findParts(db: Database, runId: string): Promise<PartState[]> {
  return db
    .selectFrom('runParts')
    .innerJoin('runs', 'runs.id', 'runParts.runId')
    .select([
      'part',
      'runParts.status',
      'runParts.total',
      'firstIndex',
      'casesHash',
      'executor',
      'runParts.startedAt',
      'runParts.completedAt',
      'runs.heartbeatAt',
    ])
    .where('runId', '=', runId)
    .orderBy('part')
    .execute();
}
