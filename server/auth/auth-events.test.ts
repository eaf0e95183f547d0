import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { testApp } from '#server/testing/resources.ts';
import { startAuditFixture } from '#server/testing/audit-fixture.ts';

const { app, ada, fixture, readEvents } = await startAuditFixture();
afterAll(() => app[Symbol.asyncDispose]());

describe('with accounts', () => {
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${app.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '10.0.0.9', ...headers },
      body: JSON.stringify(body),
    });
  const password = 'correct horse battery';
  const newest = async (count: number) =>
    (await ada.api.audit.list.query({ limit: count })).items.map(({ action, actorName, address }) => [
      action,
      actorName,
      address,
    ]);

  test('signing up, in, out, changing the password and joining have events', async () => {
    const { email, name, headers } = await fixture.newMember();
    expect(
      (await post('/api/auth/change-password', { currentPassword: password, newPassword: password }, headers)).status,
    ).toBe(200);
    expect((await post('/api/auth/sign-out', {}, headers)).status).toBe(200);
    expect((await post('/api/auth/sign-out', {}, headers)).status).toBe(200);
    expect((await post('/api/auth/sign-in/email', { email, password })).status).toBe(200);
    expect(await newest(4)).toEqual([
      ['session.started', name, '10.0.0.9'],
      ['session.ended', name, '10.0.0.9'],
      ['account.password_changed', name, '10.0.0.9'],
      ['account.created', name, expect.stringMatching(/^10\.9\.0\./)],
    ]);

    const leaver = await fixture.newMember();
    await ada.api.members.remove.mutate({ userId: leaver.userId });
    const { path } = await ada.api.members.invite.mutate({ email: leaver.email, role: 'editor' });
    expect((await post(`/api/invitations/${path.replace('/join/', '')}/accept`, {}, leaver.headers)).status).toBe(204);
    expect((await newest(1))[0]).toEqual(['invitation.accepted', leaver.name, '10.0.0.9']);
  });

  test('a sign-in fails when its event cannot be written', async () => {
    const { db } = app.services;
    const { email, userId } = await fixture.newMember();
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`.execute(
      db,
    );
    await sql`create trigger refuse before insert on audit_events for each row execute function refuse()`.execute(db);
    try {
      const answer = await post('/api/auth/sign-in/email', { email, password }, { 'x-forwarded-for': '10.0.0.8' });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []]);
    } finally {
      await sql`drop function refuse cascade`.execute(db);
    }
    expect(await db.selectFrom('sessions').select('id').where('userId', '=', userId).execute()).toHaveLength(1);
  });

  test('refused attempts have events, and equal ones are counted together', async () => {
    const address = { 'x-forwarded-for': '10.0.0.7' };
    for (const attempt of ['one', 'two', 'three'])
      expect(
        (await post('/api/auth/sign-in/email', { email: 'ada@example.com', password: attempt }, address)).status,
      ).toBe(401);
    const uninvited = { name: 'Eve', email: 'eve@evil.example', password };
    expect((await post('/api/auth/sign-up/email', uninvited, address)).status).toBe(403);
    const guess = (key: string) =>
      fetch(`${app.url}/api/trpc/tests.list`, { headers: { ...address, authorization: `Bearer ${key}` } });
    for (const key of ['rl_guessed-1', 'rl_guessed-2', 'hunter2-of-elsewhere'])
      expect((await guess(key)).status).toBe(401);
    const viewer = await fixture.newMember();
    await expect(viewer.api.tests.create.mutate({ name: 'A', script: 'x' })).rejects.toThrow('needs the role');

    await eventually(async () => {
      const { items } = await ada.api.audit.list.query({ outcome: 'refused', limit: 200 });
      const events = items
        .filter((event) => event.address === '10.0.0.7' || event.actorId === viewer.userId)
        .map(({ action, actorName, targetName, count }) => [action, actorName, targetName, count]);
      expect(events.sort()).toEqual([
        ['access.refused', viewer.name, 'tests.create', 1],
        ['account.refused', 'Somebody', 'eve@evil.example', 1],
        ['key.refused', 'Somebody', 'rl_guesse', 3],
        ['session.refused', 'Somebody', 'ada@example.com', 3],
      ]);
    });
    const all = JSON.stringify(await readEvents());
    for (const hidden of ['guessed-1', 'hunter2', '"three"']) expect(all).not.toContain(hidden);
  });
});

describe('without accounts', () => {
  test('the access token has events, and so has a wrong one', async () => {
    await using app = await testApp();
    const { api } = app.client;
    await fetch(`${app.url}/?token=${app.token}`, { redirect: 'manual' });
    await fetch(`${app.url}/?token=guessed`, { redirect: 'manual' });
    const { id: testId } = await api.tests.create.mutate({ name: 'Mine', script: 'x' });
    await api.tests.run.mutate({ testId });
    const { items } = await api.runs.list.query();
    expect(items[0]).toMatchObject({ trigger: 'manual', triggeredBy: null });
    await eventually(async () => {
      const { items } = await api.audit.list.query();
      expect(items.map(({ action, actorKind, address }) => [action, actorKind, address]).sort()).toEqual([
        ['run.started', 'token', '127.0.0.1'],
        ['session.refused', 'anonymous', '127.0.0.1'],
        ['session.started', 'token', '127.0.0.1'],
        ['test.created', 'token', '127.0.0.1'],
      ]);
    });
  });
});
