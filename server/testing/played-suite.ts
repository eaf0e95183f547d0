import { v7 as uuidv7 } from 'uuid';
import type { RunStatus } from '#shared/run-status.ts';
import { isTerminal } from '#shared/run-status.ts';
import type { TestSystem } from './resources.ts';

type App = Pick<TestSystem, 'services' | 'projectId'>;

/** A suite, as its first report makes it. Resolves to its id. */
export async function insertSuite({ services, projectId }: App, name: string): Promise<string> {
  const id = uuidv7();
  await services.db.insertInto('suites').values({ id, projectId, name }).execute();
  return id;
}

/** A reported run of a suite that has come to this, without cases. Resolves to its id. */
export async function insertSuiteRun(
  { services, projectId }: App,
  { suiteId, name, status, branch }: { suiteId: string; name: string; status: RunStatus; branch: string },
): Promise<string> {
  const id = uuidv7();
  const at = new Date().toISOString();
  await services.db
    .insertInto('runs')
    .values({
      id,
      projectId,
      kind: 'suite',
      suiteId,
      origin: 'reporter',
      name,
      status,
      branch,
      activitySeq: 0,
      trigger: 'ci',
      queuedAt: at,
      startedAt: at,
      ...(isTerminal(status) && { completedAt: at, durationMs: 60_000 }),
      artifactPaths: '[]',
    })
    .execute();
  return id;
}
