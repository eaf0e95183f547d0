import { sql } from 'kysely';
import { type CaseChanges, type CaseState, caseChanges, type PartState } from '#shared/run-cases.ts';
import { type Channel, runCasesChannel } from '#shared/channels.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import { asText } from '#server/db/as-text.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { deltaKind, type DeltaPage } from '#server/live/follow-deltas.ts';

/** How often a watcher gets the changes of cases, in ms. */
const everyMs = 250;

/** Changes of a run's cases after the version `since`. */
export interface CaseDelta {
  since: number;
  changes: CaseChanges;
}

/** All watchers of a run share one delta, and so the bytes that it becomes. */
export const caseDeltas = deltaKind<CaseDelta>({
  everyMs,
  span: ({ since, changes: { version } }) => ({ since, version }),
  merge(deltas) {
    const states = new Map<number, CaseState>();
    for (const { changes } of deltas) for (const state of changes.cases) states.set(state[0], state);
    const { version, status, counts } = deltas.at(-1)!.changes;
    const parts = deltas.findLast(({ changes }) => changes.parts)?.changes.parts;
    return {
      since: deltas[0]!.since,
      changes: { version, status, counts, ...(parts && { parts }), cases: [...states.values()] },
    };
  },
});

/** Each message is one version of the run. */
export const caseDeltasChannel = (runId: string): Channel<CaseDelta> => ({
  name: runCasesChannel(runId).name,
  schema: caseDelta,
});
const caseDelta = caseChanges.transform((changes) => ({ since: changes.version - 1, changes }));

export interface CasePage extends DeltaPage<CaseDelta> {
  projectId: string;
}

interface Row {
  n: number;
  projectId: string;
  after: number;
  version: number;
  status: RunStatus;
  counts: CaseChanges['counts'];
  parts: PartState[] | null;
  cases: CaseState[] | null;
}

/** Reads the states of a run's cases after a version; undefined if the run does not exist. All reads of one tick share one query. */
export function createCaseReads(db: Database) {
  const read = batchReads(async (keys: string[]) => {
    const places = keys.map((key) => key.split(':') as [runId: string, after: string]);
    // One statement sees one moment: states and counts belong to the version.
    const { rows } = await sql<Row>`
      select place.n, place.after, run.project_id, run.version, run.status,
        json_build_object('total', run.total, 'passed', run.passed, 'failed', run.failed, 'skipped', run.skipped,
          'flaky', run.flaky, 'notRun', run.not_run, 'quarantined', run.quarantined) as counts,
        part.states as parts, changed.states as cases
      from unnest(${places.map(([runId]) => runId)}::uuid[], ${places.map(([, after]) => after)}::bigint[])
        with ordinality as place(run_id, after, n)
      join runs as run on run.id = place.run_id
      left join lateral (
        select json_agg(json_build_object('part', part, 'status', status, 'total', total, 'firstIndex', first_index,
          'casesHash', cases_hash, 'executor', executor, 'startedAt', ${asText(sql`started_at`)},
          'completedAt', ${asText(sql`completed_at`)}, 'silent', silent, 'phases', phases, 'errorCode', error_code,
          'errorDetails', error_details, 'heartbeatAt', ${asText(
            sql`case run.kind when 'suite' then run_parts.heartbeat_at else run.heartbeat_at end`,
          )}
        ) order by part) as states
        from run_parts where run_id = run.id and run.version > place.after
      ) as part on true
      left join lateral (
        select json_agg(json_build_array(index, status, attempt, duration_ms,
          case when flaky then 'f' else '' end || case when quarantined then 'q' else '' end) order by index) as states
        from run_cases where run_id = run.id and run.version > place.after and version > place.after
      ) as changed on true`.execute(db);
    return new Map(rows.map((row) => [keys[row.n - 1]!, toPage(row)]));
    // A key costs up to all cases of a run.
  }, 20);
  return (runId: string, after = -1): Promise<CasePage | undefined> => read(`${runId}:${after}`);
}

function toPage({ projectId, after, version, status, counts, parts, cases }: Row): CasePage {
  const changes: CaseChanges = { version, status, counts, parts: parts ?? [], cases: cases ?? [] };
  return {
    projectId,
    delta: version > after ? { since: after, changes } : undefined,
    head: version,
    ended: isTerminal(status),
  };
}
