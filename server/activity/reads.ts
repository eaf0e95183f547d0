import type { RunSummary } from '#shared/events.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import type { LogPage } from '#server/live/follow-log.ts';
import { runColumns, toRunSummary } from '#server/runs/run-state.ts';

const pageSize = 200;

/** Latest changes that a new client gets. */
const initialSize = 50;

/** Reads for activity streams. Streams at the same position of a project's feed share a read. */
export function createActivityReads(db: Database) {
  const read = batchReads(async (keys: string[]) => {
    const pages = await Promise.all(keys.map(async (key) => [key, await readPage(db, key)] as const));
    return new Map(pages.filter((page): page is [string, LogPage<RunSummary>] => page[1] !== undefined));
  });
  return {
    /** Runs in the order of their last change, after a sequence number; undefined if the project does not exist. */
    page: (projectId: string, after: number | undefined) => read(`${projectId}:${after ?? ''}`),
  };
}

async function readPage(db: Database, key: string): Promise<LogPage<RunSummary> | undefined> {
  const [projectId, after] = key.split(':') as [string, string];
  // The head is read first, so the runs that are read next include all up to the head.
  const project = await db.selectFrom('projects').select('activitySeq').where('id', '=', projectId).executeTakeFirst();
  if (!project) return undefined;
  const runs = db.selectFrom('runs').select(runColumns).where('projectId', '=', projectId);
  const rows =
    after === ''
      ? (await runs.orderBy('activitySeq', 'desc').limit(initialSize).execute()).toReversed()
      : await runs.where('activitySeq', '>', Number(after)).orderBy('activitySeq').limit(pageSize).execute();
  return {
    items: rows.map(toRunSummary),
    head: project.activitySeq,
    more: after !== '' && rows.length === pageSize,
    ended: false,
  };
}
