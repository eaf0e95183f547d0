import { sql } from 'kysely';
import { testChannels } from '#shared/channels.ts';
import { id, lastEventId } from '#shared/inputs.ts';
import { z } from 'zod';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { changes } from '#server/live/changes.ts';
import { followState } from '#server/live/follow-state.ts';
import type { Hub } from '#server/live/hub.ts';
import { testNotFound } from '#server/tests/queries.ts';
import { procedure, router } from '#server/trpc/procedure.ts';

const passRateInputs = {
  passRate: z.object({ testId: id }),
  onPassRate: z.object({ testId: id, lastEventId }),
};

/** The last 20 runs of each test that have ended. One query, however many streams ask. */
const createPassRateReads = (db: Database) =>
  batchReads(async (testIds: string[]) => {
    const { rows } = await sql<{ id: string; projectId: string; runs: number; passed: number }>`
      select test.id, test.project_id, count(run.status)::int as runs,
        (count(*) filter (where run.status = 'passed'))::int as passed
      from tests as test left join lateral (
        select status from runs where test_id = test.id and completed_at is not null order by id desc limit 20
      ) as run on true
      where test.id = any(${testIds}::uuid[]) group by test.id`.execute(db);
    return new Map(rows.map((row) => [row.id, row]));
  });

export function createPassRateRouter({ db, hub }: { db: Database; hub: Hub }) {
  const reads = createPassRateReads(db);

  /** How many of the test's last 20 runs have passed. NOT_FOUND for a test of another project. */
  async function readPassRate(testId: string, projectId: string) {
    const found = await reads(testId);
    if (found?.projectId !== projectId) testNotFound(testId);
    return { runs: found.runs, passed: found.passed };
  }

  return router({
    passRate: procedure.viewer
      .input(passRateInputs.passRate)
      .query(({ ctx, input }) => readPassRate(input.testId, ctx.projectId)),

    /** The same now and whenever it changes. Does not end. */
    onPassRate: procedure.viewer.input(passRateInputs.onPassRate).subscription(({ ctx, input, signal }) =>
      followState(
        { hub, signal },
        {
          on: [testChannels(input.testId).complete],
          read: () => readPassRate(input.testId, ctx.projectId),
          lastEventId: input.lastEventId,
        },
      ),
    ),

    /** The same until the test passes for the first time. */
    onPass: procedure.viewer.input(passRateInputs.onPassRate).subscription(async function* ({ ctx, input, signal }) {
      const rates = changes(
        { hub, signal },
        {
          on: [testChannels(input.testId).complete],
          read: () => readPassRate(input.testId, ctx.projectId),
          lastEventId: input.lastEventId,
        },
      );
      for await (const rate of rates) {
        yield rate;
        const [, { passed }] = rate;
        if (passed > 0) return;
      }
    }),
  });
}
