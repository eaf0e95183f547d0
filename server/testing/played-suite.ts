import { v7 as uuidv7 } from 'uuid';
import { isTerminal, type RunStatus, type TestStatus } from '#shared/run-status.ts';
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
  {
    suiteId,
    name,
    status,
    branch,
    buildId = null,
  }: { suiteId: string; name: string; status: RunStatus; branch: string; buildId?: string | null },
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
      buildId,
      ciProvider: 'github',
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

/** Cases of a reported run that have come to this. */
export async function insertSuiteCases(
  { services, projectId }: App,
  runId: string,
  suiteId: string,
  cases: readonly { project?: string; file: string; line: number | null; title: string; status: TestStatus }[],
): Promise<void> {
  for (const [index, { project = '', file, line, title, status }] of cases.entries()) {
    const caseId = uuidv7();
    const titlePath = JSON.stringify([title]);
    await services.db
      .insertInto('cases')
      .values({ id: caseId, projectId, suiteId, project, file, titlePath, title })
      .execute();
    await services.db
      .insertInto('runCases')
      .values({ runId, index, caseId, part: 0, line, status, tags: '[]', annotations: '[]', version: 1 })
      .execute();
  }
}
