import { z } from 'zod';
import { testChannels } from '#shared/channels.ts';
import { id, lastEventId } from '#shared/inputs.ts';
import type { RunStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { followLog, type LogPage } from '#server/live/follow-log.ts';
import type { Hub } from '#server/live/hub.ts';
import { testNotFound } from '#server/tests/queries.ts';
import { procedure, router } from '#server/trpc/procedure.ts';

interface Verdict {
  /** Rises with every change in the project, and stays what it is once a run has ended. */
  sequence: number;
  runId: string;
  status: RunStatus;
}

const pageSize = 100;

async function readVerdicts(db: Database, testId: string, after: number) {
  // The head first: the runs up to it are among those that are read after it.
  const test = await db
    .selectFrom('tests')
    .innerJoin('projects', 'projects.id', 'tests.projectId')
    .select(['projectId', 'activitySeq'])
    .where('tests.id', '=', testId)
    .executeTakeFirst();
  const items: Verdict[] = await db
    .selectFrom('runs')
    .select(['activitySeq as sequence', 'id as runId', 'status'])
    .where('testId', '=', testId)
    .where('completedAt', 'is not', null)
    .where('activitySeq', '>', after)
    .orderBy('activitySeq')
    .limit(pageSize)
    .execute();
  const page: LogPage<Verdict> = { items, head: test?.activitySeq ?? 0, more: items.length === pageSize };
  return { projectId: test?.projectId, page };
}

export function createVerdictsRouter({ db, hub }: { db: Database; hub: Hub }) {
  const reads = batchReads(async (keys: string[]) => {
    const pages = keys.map(async (key) => {
      const [testId, after] = key.split(':') as [string, string];
      return [key, await readVerdicts(db, testId, Number(after))] as const;
    });
    return new Map(await Promise.all(pages));
  });

  return router({
    /** Every run of the test that has ended, in order; `id` is its `sequence`. Does not end. */
    onVerdicts: procedure.viewer
      .input(z.object({ testId: id, lastEventId }))
      .subscription(({ ctx, input: { testId, lastEventId }, signal }) =>
        followLog(
          { hub, signal },
          {
            on: [testChannels(testId).complete],
            read: async (after = 0) => {
              const found = await reads(`${testId}:${after}`);
              return found?.projectId === ctx.projectId ? found.page : testNotFound(testId);
            },
            sequence: (verdict) => verdict.sequence,
            lastEventId,
          },
        ),
      ),
  });
}
