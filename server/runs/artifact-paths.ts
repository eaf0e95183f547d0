import { sql } from 'kysely';
import type { RunEventBody } from '#shared/events.ts';
import type { Trx } from '#server/db/database.ts';

/** In the state of a run, which is sent as one message. All artifacts are in its log. */
const mostPaths = 1_000;

/** Where the artifacts of a run are served, its reports first. `bodies`: log entries that are written with its end. */
export async function findArtifactPaths(trx: Trx, runId: string, bodies: readonly RunEventBody[]): Promise<string[]> {
  const stored = await trx
    .selectFrom('artifacts')
    .select(['path', 'kind'])
    .where('runId', '=', runId)
    .orderBy(sql`kind <> 'report'`)
    .orderBy('id')
    .limit(mostPaths)
    .execute();
  const added = bodies.filter((body) => body.type === 'artifact');
  const reportsFirst = [...stored, ...added].toSorted(
    (a, b) => Number(b.kind === 'report') - Number(a.kind === 'report'),
  );
  return [...new Set(reportsFirst.map(({ path }) => path))].slice(0, mostPaths);
}
