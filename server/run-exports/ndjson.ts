import type { RunEvent } from '#shared/events.ts';
import type { ExportedRun } from '#shared/run-export/exported-run.ts';
import type { Database } from '#server/db/database.ts';
import { readCases } from './read-cases.ts';

const pageSize = 1_000;

/** All of a run, a JSON value a line: the run, each case followed by its attempts, then the entries of the log. */
export async function* exportNdjson(db: Database, { run }: ExportedRun): AsyncGenerator<string> {
  yield line({ type: 'run', run });
  for await (const page of readCases(db, run.id))
    yield page
      .flatMap(({ attempts, ...found }) => [
        line({ type: 'case', case: found }),
        ...attempts.map((attempt) => line({ type: 'attempt', caseIndex: found.index, ...attempt })),
      ])
      .join('');
  for (let after = 0; ;) {
    const rows = await db
      .selectFrom('runEvents')
      .select(['seq', 'at', 'payload'])
      .where('runId', '=', run.id)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(pageSize)
      .execute();
    if (rows.length === 0) return;
    yield rows
      .map(({ seq, at, payload }) => line({ type: 'entry', entry: { seq, at, ...payload } as unknown as RunEvent }))
      .join('');
    after = rows.at(-1)!.seq;
  }
}

const line = (value: object) => `${JSON.stringify(value)}\n`;
