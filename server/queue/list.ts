import type { QueueList } from '#shared/queue.ts';
import { liveStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { runColumns, toRunSummary } from '#server/runs/run-state.ts';

/** More than any sensible capacity. `queue.stats` counts the rest. */
const mostRuns = 500;

/**
 * The project's running runs, the longest first, and its queued runs in queue order. `position` starts at 1 and counts
 * the runs of all projects. `withReported`: with runs that run elsewhere, too.
 */
export async function listQueue(
  db: Database,
  projectId: string,
  { withReported = false }: { withReported?: boolean } = {},
): Promise<QueueList> {
  const rows = await db
    .with('live', (query) =>
      query
        .selectFrom('runs')
        .select(runColumns)
        .select(({ fn }) =>
          fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('status').orderBy('queuedAt').orderBy('id'))
            .as('position'),
        )
        .where('status', 'in', liveStatuses)
        .$if(!withReported, (live) => live.where('origin', '=', 'worker')),
    )
    .selectFrom('live')
    .selectAll()
    .where('projectId', '=', projectId)
    .orderBy('position')
    .limit(mostRuns)
    .execute();
  return {
    running: rows
      .filter(({ status }) => status === 'running')
      .map(toRunSummary)
      .sort((a, b) => Date.parse(a.startedAt ?? a.queuedAt) - Date.parse(b.startedAt ?? b.queuedAt)),
    queued: rows
      .filter(({ status }) => status === 'queued')
      .map(({ position, ...run }) => ({ ...toRunSummary(run), position })),
  };
}
