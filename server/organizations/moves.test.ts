import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import type { Trx } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/default-project.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { inProject, joinBy, testUser } from '#server/testing/users.ts';

/** Eve owns Acme alone and, with Ada, who owns nothing else, the organisation that there is, in which the project Moves is. */
async function twoOwners(app: TestSystem) {
  const eve = await testUser(app, { email: 'eve@example.com', name: 'Eve' });
  const ada = await joinBy(
    app,
    'Ada',
    await eve.api.members.invite.mutate({ email: 'ada@example.com', role: 'owner' }),
  );
  const { organizationId } = await eve.api.organizations.create.mutate({ name: 'Acme' });
  const { projectId } = await eve.api.projects.create.mutate({ name: 'Moves' });
  return { eve, ada, acmeId: organizationId, projectId };
}

/** Somebody begins what has to wait for the lock; before it is given back, the project moves. */
async function whileMoving(
  app: TestSystem,
  { projectId, to }: { projectId: string; to: string },
  lock: (trx: Trx) => Promise<unknown>,
  begin: () => Promise<unknown>,
): Promise<PromiseSettledResult<unknown>> {
  const { db } = app.services;
  const { ended } = await db.transaction().execute(async (trx) => {
    await lock(trx);
    const ended = Promise.allSettled([begin()]);
    await vi.waitFor(async () => {
      const waiting =
        await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          db,
        );
      expect(waiting.rows).toHaveLength(1);
    }, 20_000);
    await trx.updateTable('projects').set({ organizationId: to }).where('id', '=', projectId).execute();
    return { ended };
  });
  return (await ended)[0];
}

test('who owned the organisation of a project does and sees nothing in the one that it moves to meanwhile', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, eve, acmeId, projectId } = await twoOwners(app);
  const { api } = inProject(app, ada, projectId);
  const { id: eveId } = await eve.api.account.me.query();
  const { db } = app.services;
  const acme = async () => [
    await db.selectFrom('organizations').selectAll().where('id', '=', acmeId).execute(),
    await db.selectFrom('projects').selectAll().where('organizationId', '=', acmeId).orderBy('id').execute(),
    await db.selectFrom('members').selectAll().where('organizationId', '=', acmeId).execute(),
    await db.selectFrom('invitations').selectAll().where('organizationId', '=', acmeId).execute(),
    await db.selectFrom('auditEvents').selectAll().where('organizationId', '=', acmeId).execute(),
  ];
  const before = await acme();
  for (const attack of [
    () => api.organizations.rename.mutate({ name: 'Mine' }),
    () => api.members.invite.mutate({ email: 'mallory@example.com', role: 'owner' }),
    () => api.projects.create.mutate({ name: 'Mine' }),
    () => api.members.setRole.mutate({ userId: eveId, role: 'viewer' }),
    () => api.members.remove.mutate({ userId: eveId }),
  ]) {
    // They have been let in, and have not yet touched what they are about to change.
    await whileMoving(
      app,
      { projectId, to: acmeId },
      (trx) => sql`lock table organizations in access exclusive mode`.execute(trx),
      attack,
    );
    await db
      .updateTable('projects')
      .set({ organizationId: defaultOrganizationId })
      .where('id', '=', projectId)
      .execute();
    expect(await acme(), String(attack)).toEqual(before);
  }
});

test('what waits for a move of the project is refused', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, eve, acmeId, projectId } = await twoOwners(app);
  const { api } = inProject(app, ada, projectId);
  const { id: userId } = await eve.api.account.me.query();
  const { db } = app.services;
  for (const late of [
    () => api.members.inviteToProject.mutate({ email: 'mallory@example.com', role: 'owner' }),
    () => api.members.setProjectRole.mutate({ userId, role: 'viewer' }),
    () => api.members.removeFromProject.mutate({ userId }),
    () => api.keys.create.mutate({ name: 'Stays', role: 'owner', expiresInDays: null }),
  ]) {
    const outcome = await whileMoving(
      app,
      { projectId, to: acmeId },
      (trx) => trx.selectFrom('projects').select('id').where('id', '=', projectId).forUpdate().execute(),
      late,
    );
    expect(outcome, String(late)).toMatchObject({ reason: { data: { code: 'NOT_FOUND' } } });
    await db
      .updateTable('projects')
      .set({ organizationId: defaultOrganizationId })
      .where('id', '=', projectId)
      .execute();
  }
  expect(await db.selectFrom('apiKeys').select('id').execute()).toEqual([]);
});
