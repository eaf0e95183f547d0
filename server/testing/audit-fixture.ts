import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitRun } from '#server/runs/commit-run.ts';
import { insertSuite } from './played-suite.ts';
import { testApp, type TestSystem } from './resources.ts';
import { testUser } from './users.ts';

type TestUser = Awaited<ReturnType<typeof testUser>>;

/** Tests of the audit log put this into scripts and variables. It must not be in the log. */
export const secret = 'a secret that is nowhere to be read';

/** An app with accounts, behind a proxy. Its first owner is `ada`. */
export async function startAuditFixture() {
  const app = await testApp({ accounts: {}, proxies: 1, queuedCapacity: 500 });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const readEvents = () => app.services.db.selectFrom('auditEvents').selectAll().orderBy('id').execute();
  return { app, ada, fixture: createAuditFixture(app, ada), readEvents };
}

/** Makes tests, jobs, runs and members as `ada`, an owner. */
function createAuditFixture(app: TestSystem, ada: TestUser) {
  const createTest = (name = 'A test') => ada.api.tests.create.mutate({ name, script: `// ${secret}` });
  const createJob = async (name = 'A job') => {
    const { id: testId } = await createTest();
    return ada.api.jobs.create.mutate({ name, testIds: [testId] });
  };
  const startRun = async (name?: string) => {
    const { id: testId } = await createTest(name);
    return ada.api.tests.run.mutate({ testId });
  };
  const endedRun = async (name: string) => {
    const { runId } = await startRun(name);
    await commitRun(app.services, runId, { from: ['queued'], to: 'passed' });
    return runId;
  };
  /** Creates a test and puts its case in quarantine. */
  const quarantinedCase = async (name: string) => {
    const { runId } = await startRun(name);
    const { caseId } = await app.services.db
      .selectFrom('runCases')
      .select('caseId')
      .where('runId', '=', runId)
      .executeTakeFirstOrThrow();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await ada.api.cases.quarantine.mutate({ caseId, reason: 'Shakes', owner: 'Ada', expiresAt });
    return caseId;
  };
  /** An ended run that took a picture for a baseline. */
  const takenSnapshot = async (path: string) => {
    const { id: testId } = await createTest(`Looks at ${path}`);
    const { runId } = await ada.api.tests.run.mutate({ testId });
    const dir = join(app.dataDir, 'artifacts', runId);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, path), `a picture of ${path}`);
    const artifactPath = `/artifacts/${runId}/${path}`;
    const artifact = { type: 'artifact', kind: 'screenshot', path: artifactPath, name: path } as const;
    const snapshot = { path, role: 'actual' } as const;
    await commitRun(app.services, runId, {
      from: ['queued'],
      to: 'failed',
      events: [{ ...artifact, bytes: 1, contentType: 'image/png', position: 0, snapshot }],
    });
    return { runId, testId, artifactPath };
  };
  let suites = 0;
  const newSuite = async () => {
    const name = `Suite ${++suites}`;
    return { suiteId: await insertSuite(app, name), name };
  };
  let people = 0;
  const newMember = async () => {
    const email = `person-${++people}@example.com`;
    const { path } = await ada.api.members.invite.mutate({ email, role: 'viewer' });
    const client = await testUser(app, {
      email,
      name: `Person ${people}`,
      invitation: path.replace('/join/', ''),
      // Sign-ups per address are limited.
      address: `10.9.0.${people}`,
    });
    return { ...client, userId: (await client.api.account.me.query()).id, name: `Person ${people}`, email };
  };
  return { app, ada, createTest, createJob, startRun, endedRun, quarantinedCase, takenSnapshot, newSuite, newMember };
}

export type AuditFixture = ReturnType<typeof createAuditFixture>;
