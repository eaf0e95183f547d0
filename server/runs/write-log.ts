import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { RunEvent, RunEventBody } from '#shared/events.ts';
import type { Trx } from '#server/db/database.ts';
import type { RunRow } from './run-state.ts';

/** Appends entries to a run's log. `run.seq` is the sequence number of the last of them. */
export async function writeLog(
  trx: Trx,
  run: RunRow & { at: string },
  bodies: readonly RunEventBody[],
): Promise<RunEvent[]> {
  const log: RunEvent[] = bodies.map((body, index) => ({
    seq: run.seq - bodies.length + 1 + index,
    at: run.at,
    ...body,
  }));
  if (log.length === 0) return log;
  // One parameter, whatever the number of entries.
  await sql`
    insert into run_events (run_id, seq, at, type, case_index, attempt, payload)
    select ${run.id}, ${log[0]!.seq}::bigint + n - 1, ${run.at}, payload->>'type',
      (payload->>case payload->>'type' when 'case' then 'index' else 'caseIndex' end)::integer,
      (payload->>'attempt')::integer, payload
    from jsonb_array_elements(${JSON.stringify(bodies)}::jsonb) with ordinality as entry(payload, n)`.execute(trx);
  const byPath = new Map(bodies.flatMap((body) => (body.type === 'artifact' ? [[body.path, body] as const] : [])));
  const artifacts = [...byPath.values()];
  if (artifacts.length > 0)
    await trx
      .insertInto('artifacts')
      .values(
        artifacts.map(({ kind, name, path, bytes, contentType, position, caseIndex, attempt, snapshot }) => ({
          id: uuidv7(),
          runId: run.id,
          runTestPosition: position ?? null,
          caseIndex: caseIndex ?? null,
          attempt: attempt ?? null,
          kind,
          name,
          path,
          bytes,
          contentType,
          ...(snapshot && { snapshot: JSON.stringify(snapshot) }),
        })),
      )
      // The file was sent again, for a case that is listed anew.
      .onConflict((conflict) =>
        conflict.columns(['runId', 'path']).doUpdateSet((eb) => ({
          caseIndex: eb.ref('excluded.caseIndex'),
          attempt: eb.ref('excluded.attempt'),
          kind: eb.ref('excluded.kind'),
          name: eb.ref('excluded.name'),
          bytes: eb.ref('excluded.bytes'),
          contentType: eb.ref('excluded.contentType'),
        })),
      )
      .execute();
  return log;
}
