import type { RunSummary } from '#shared/events.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import type { LogPage } from '#server/live/follow-log.ts';
import { runColumns, toRunSummary } from '#server/runs/run-state.ts';

const pageSize = 200;

/** How many of the latest changes a client gets that has none yet. */
const initialSize = 50;

/** What streams of activity read. Watchers at one place of a project's feed share a read. */
export function createActivityReads(db: Database) {
  const read = batchReads(async (keys: string[]) => {
    const pages = await Promise.all(keys.map(async (key) => [key, await readPage(db, key)] as const));
    return new Map(pages.filter((page): page is [string, LogPage<RunSummary>] => page[1] !== undefined));
  });
  return {
    /** The runs that changed after a place, by when they did last; undefined when there is no such project. */
    page: (projectId: string, after: number | undefined) => read(`${projectId}:${after ?? ''}`),
  };
}

async function readPage(db: Database, key: string): Promise<LogPage<RunSummary> | undefined> {
  const [projectId, after] = key.split(':') as [string, string];
  // The head first: whatever is up to it is among the runs read after it.
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
