import { systemActor } from '#server/identity/actor.ts';
import type { Database } from '#server/db/database.ts';
import { insertJob } from '#server/jobs/queries.ts';
import { insertTest } from '#server/tests/queries.ts';
import { demoTests } from './demo-tests.ts';

/** Adds the sample tests and the sample job to a project that never had a test. */
export async function seedDemo(db: Database, projectId: string, browserAvailable: boolean): Promise<void> {
  const any = await db.selectFrom('tests').select('id').where('projectId', '=', projectId).limit(1).executeTakeFirst();
  if (any) return;
  const actor = systemActor(projectId);
  const { tests, job } = demoTests({ browserAvailable });
  const ids = new Map<string, string>();
  // Lists show the newest test first, so the first sample is inserted last.
  for (const test of tests.toReversed()) ids.set(test.name, await insertTest(db, actor, test));
  await insertJob(
    db,
    actor,
    {
      name: job.name,
      schedule: null,
      timezone: 'UTC',
      enabled: true,
      timeoutMs: null,
      overlap: 'skip',
      catchUp: 'last',
    },
    { testIds: job.testNames.map((name) => ids.get(name)!) },
  );
}
