import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { procedures } from '#server/testing/procedures.ts';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

const mutations = Object.entries(procedures)
  .filter(([, { _def }]) => _def.type === 'mutation')
  .map(([name]) => name);

const unknownId = '018f0000-0000-7000-8000-000000000000';
const secret = 'a secret that is nowhere to be read';

type Ada = Awaited<ReturnType<typeof testUser>>;

let app: TestSystem;
let ada: Ada;
beforeAll(async () => {
  app = await testApp({ accounts: {}, proxies: 1, queuedCapacity: 500 });
  ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
});
afterAll(() => app[Symbol.asyncDispose]());

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
let people = 0;
const newMember = async () => {
  const email = `person-${++people}@example.com`;
  const { path } = await ada.api.members.invite.mutate({ email, role: 'viewer' });
  const client = await testUser(app, {
    email,
    name: `Person ${people}`,
    invitation: path.replace('/join/', ''),
    // One address may not sign up so often.
    address: `10.9.0.${people}`,
  });
  return { ...client, userId: (await client.api.account.me.query()).id, name: `Person ${people}`, email };
};

/** A change that can be made once, by a call of this procedure, and the event that it shall leave. */
interface Change {
  input: object;
  event: object;
  /** The same call again is refused, or changes nothing. */
  unlessRepeated?: boolean;
  /** The project that is asked, if not the one that the test is about. */
  project?: string;
  /** How many events, where each organisation that it concerns has its own. */
  events?: number;
  /** An input that is refused. */
  refused: object;
}

/** How to make the change that each mutation is for. */
const changes: Record<string, () => Promise<Change>> = {
  'tests.create': async () => ({
    input: { name: 'Log in', script: `// ${secret}` },
    event: { action: 'test.created', targetKind: 'test', targetId: expect.any(String), targetName: 'Log in' },
    refused: { name: '', script: 'x' },
  }),
  'tests.update': async () => {
    const { id: testId } = await createTest('Before');
    return {
      input: { testId, name: 'After', script: `// ${secret}, too` },
      event: {
        action: 'test.updated',
        targetId: testId,
        targetName: 'After',
        details: { changes: { name: { from: 'Before', to: 'After' }, script: null } },
      },
      unlessRepeated: true,
      refused: { testId, name: 'Later', expectedUpdatedAt: '2020-01-01T00:00:00.000Z' },
    };
  },
  'tests.archive': async () => {
    const { id: testId } = await createTest('Old');
    const used = await createJob();
    return {
      input: { testId },
      event: { action: 'test.archived', targetId: testId, targetName: 'Old' },
      unlessRepeated: true,
      refused: { testId: used.tests[0]!.id },
    };
  },
  'tests.run': async () => {
    const { id: testId } = await createTest('Runs');
    return {
      input: { testId, idempotencyKey: 'build-1' },
      event: { action: 'run.started', targetKind: 'run', targetName: 'Runs', details: {} },
      unlessRepeated: true,
      refused: { testId: unknownId },
    };
  },
  'jobs.create': async () => {
    const { id: testId } = await createTest();
    return {
      input: { name: 'Nightly', testIds: [testId] },
      event: { action: 'job.created', targetKind: 'job', targetName: 'Nightly' },
      refused: { name: 'Nightly', testIds: [unknownId] },
    };
  },
  'jobs.update': async () => {
    const { id: jobId } = await createJob();
    const { id: testId } = await createTest('Another');
    return {
      input: { jobId, schedule: '0 7 * * 1', testIds: [testId] },
      event: {
        action: 'job.updated',
        targetId: jobId,
        details: { changes: { schedule: { from: null, to: '0 7 * * 1' }, tests: { from: 'A test', to: 'Another' } } },
      },
      unlessRepeated: true,
      refused: { jobId, name: 'Weekly', testIds: [unknownId] },
    };
  },
  'jobs.archive': async () => {
    const { id: jobId } = await createJob('Old');
    return {
      input: { jobId },
      event: { action: 'job.archived', targetId: jobId, targetName: 'Old' },
      unlessRepeated: true,
      refused: { jobId: unknownId },
    };
  },
  'jobs.run': async () => {
    const { id: jobId } = await createJob('Both');
    return {
      input: { jobId, idempotencyKey: 'build-2' },
      event: { action: 'run.started', targetKind: 'run', targetName: 'Both' },
      unlessRepeated: true,
      refused: { jobId: unknownId },
    };
  },
  'runs.cancel': async () => {
    const { runId } = await startRun('Waits');
    await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    return {
      input: { runId },
      event: { action: 'run.cancelled', targetId: runId, targetName: 'Waits' },
      unlessRepeated: true,
      refused: { runId: await endedRun('Over') },
    };
  },
  'runs.retry': async () => {
    const runId = await endedRun('Once more');
    const { runId: live } = await startRun();
    return {
      input: { runId },
      event: { action: 'run.started', targetName: 'Once more', details: { retryOf: runId } },
      refused: { runId: live },
    };
  },
  'variables.set': async () => ({
    input: { name: 'API_TOKEN', value: secret },
    event: { action: 'variable.set', targetKind: 'variable', targetId: null, targetName: 'API_TOKEN', details: {} },
    refused: { name: 'PATH', value: secret },
  }),
  'variables.remove': async () => {
    await ada.api.variables.set.mutate({ name: 'OLD_TOKEN', value: secret });
    return {
      input: { name: 'OLD_TOKEN' },
      event: { action: 'variable.removed', targetName: 'OLD_TOKEN' },
      unlessRepeated: true,
      refused: { name: 'NO_TOKEN' },
    };
  },
  'account.revokeSession': async () => {
    await testUser(app, { email: 'ada@example.com', name: 'Ada', signIn: true, address: `10.8.0.${++people}` });
    const { items } = await ada.api.account.sessions.query();
    const { id: sessionId } = items.find(({ isThisOne }) => !isThisOne)!;
    const { projects } = await ada.api.account.me.query();
    return {
      input: { sessionId },
      events: new Set(projects.map(({ organizationId }) => organizationId)).size,
      event: { action: 'session.revoked', targetId: sessionId, projectId: null },
      unlessRepeated: true,
      refused: { sessionId: 'none' },
    };
  },
  'members.setRole': async () => {
    const { userId, name } = await newMember();
    return {
      input: { userId, role: 'editor' },
      event: {
        action: 'member.role_changed',
        targetId: userId,
        targetName: name,
        projectId: null,
        details: { changes: { role: { from: 'viewer', to: 'editor' } } },
      },
      unlessRepeated: true,
      refused: { userId: (await ada.api.account.me.query()).id, role: 'viewer' },
    };
  },
  'members.setProjectRole': async () => {
    const { userId, name } = await newMember();
    return {
      input: { userId, role: 'editor' },
      event: {
        action: 'member.project_role_changed',
        targetId: userId,
        targetName: name,
        projectId: app.projectId,
        details: { changes: { role: { from: null, to: 'editor' } } },
      },
      unlessRepeated: true,
      refused: { userId: unknownId, role: 'viewer' },
    };
  },
  'members.removeFromProject': async () => {
    const { userId, name } = await newMember();
    await ada.api.members.setProjectRole.mutate({ userId, role: 'editor' });
    return {
      input: { userId },
      event: {
        action: 'member.project_role_withdrawn',
        targetName: name,
        projectId: app.projectId,
        details: { changes: { role: { from: 'editor', to: null } } },
      },
      unlessRepeated: true,
      refused: { userId: unknownId },
    };
  },
  'members.remove': async () => {
    const { userId, name } = await newMember();
    return {
      input: { userId },
      event: { action: 'member.removed', targetId: userId, targetName: name, projectId: null },
      unlessRepeated: true,
      refused: { userId: (await ada.api.account.me.query()).id },
    };
  },
  'members.leave': async () => {
    const { organizationId, projectId } = await ada.api.organizations.create.mutate({ name: 'Left behind' });
    const owner = await newMember();
    const inIt = createTestClient({ url: app.url, headers: { ...ada.headers, 'x-runlight-project': projectId } });
    const { path } = await inIt.api.members.invite.mutate({ email: owner.email, role: 'owner' });
    const accept = `${app.url}${path.replace('/join/', '/api/invitations/')}/accept`;
    expect((await fetch(accept, { method: 'POST', headers: owner.headers })).status).toBe(204);
    return {
      input: { organizationId },
      event: { action: 'member.left', targetName: 'Ada', organizationId, projectId: null },
      unlessRepeated: true,
      refused: { organizationId: unknownId },
    };
  },
  'members.resetLink': async () => {
    const { userId, name } = await newMember();
    return {
      input: { userId },
      event: { action: 'member.reset_link_created', targetId: userId, targetName: name, projectId: null },
      refused: { userId: unknownId },
    };
  },
  'members.invite': async () => ({
    input: { email: 'bob@example.com', role: 'viewer' },
    event: {
      action: 'invitation.created',
      targetName: 'bob@example.com',
      projectId: null,
      details: { role: 'viewer' },
    },
    refused: { email: 'ada@example.com', role: 'viewer' },
  }),
  'members.inviteToProject': async () => ({
    input: { email: 'bob@example.com', role: 'viewer' },
    event: { action: 'invitation.created', targetName: 'bob@example.com', projectId: app.projectId },
    refused: { email: 'ada@example.com', role: 'viewer' },
  }),
  'members.withdraw': async () => {
    const { id: invitationId } = await ada.api.members.invite.mutate({ email: 'eve@example.com', role: 'owner' });
    return {
      input: { invitationId },
      event: { action: 'invitation.withdrawn', targetId: invitationId, targetName: 'eve@example.com' },
      unlessRepeated: true,
      refused: { invitationId: unknownId },
    };
  },
  'keys.create': async () => ({
    input: { name: 'CI', role: 'editor', expiresInDays: null },
    event: { action: 'key.created', targetName: 'CI', details: { role: 'editor', expiresAt: null } },
    refused: { name: '', role: 'editor', expiresInDays: null },
  }),
  'keys.revoke': async () => {
    const { id: keyId } = await ada.api.keys.create.mutate({ name: 'Old CI', role: 'editor', expiresInDays: 1 });
    return {
      input: { keyId },
      event: { action: 'key.revoked', targetId: keyId, targetName: 'Old CI' },
      unlessRepeated: true,
      refused: { keyId: unknownId },
    };
  },
  'projects.create': async () => ({
    input: { name: 'Shop' },
    event: { action: 'project.created', targetName: 'Shop', projectId: null },
    refused: { name: '' },
  }),
  'projects.rename': async () => ({
    input: { name: `Renamed ${Date.now()}` },
    event: { action: 'project.renamed', targetId: app.projectId },
    unlessRepeated: true,
    refused: { name: '' },
  }),
  'projects.move': async () => {
    const { projectId } = await ada.api.projects.create.mutate({ name: 'Moves' });
    const { organizationId } = await ada.api.organizations.create.mutate({ name: 'Another' });
    return {
      project: projectId,
      input: { organizationId },
      event: { action: 'project.moved', targetId: projectId, targetName: 'Moves', projectId: null },
      events: 2,
      unlessRepeated: true,
      refused: { organizationId: unknownId },
    };
  },
  'organizations.create': async () => ({
    input: { name: 'Acme', project: 'Shop' },
    event: { action: 'organization.created', targetKind: 'organization', targetName: 'Acme', projectId: null },
    refused: { name: '' },
  }),
  'organizations.rename': async () => ({
    input: { name: `Renamed ${Date.now()}` },
    event: { action: 'organization.renamed', targetKind: 'organization', projectId: null },
    unlessRepeated: true,
    refused: { name: '' },
  }),
};

/** Calls a mutation as Ada, from an address. */
async function call(name: string, input: object, project = app.projectId): Promise<number> {
  const { status } = await fetch(`${app.url}/api/trpc/${name}`, {
    method: 'POST',
    headers: {
      ...ada.headers,
      'content-type': 'application/json',
      'x-forwarded-for': '10.1.2.3',
      'x-runlight-project': project,
    },
    body: JSON.stringify(input),
  });
  return status;
}

const readEvents = () => app.services.db.selectFrom('auditEvents').selectAll().orderBy('id').execute();

/** All that there is in the database, but for what counts requests and remembers when they came. */
async function readEverything(): Promise<Record<string, string>> {
  const { db } = app.services;
  const tables = (await db.introspection.getTables()).filter(({ schema }) => schema === 'public');
  const contents: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } =
      await sql`select to_jsonb(t) - 'last_used_at' as row from ${sql.table(name)} as t order by 1`.execute(db);
    contents[name] = JSON.stringify(rows);
  }
  return contents;
}

describe('every mutation', () => {
  test('is one whose event is known', () => {
    expect(Object.keys(changes).sort()).toEqual([...mutations].sort());
  });

  test.each(mutations)('%s leaves one event, and none when it is refused or repeated', async (name) => {
    const { input, event, unlessRepeated, project, events = 1, refused } = await changes[name]!();
    const before = (await readEvents()).length;
    const added = async () => (await readEvents()).slice(before);

    expect(await call(name, refused, project)).toBeGreaterThanOrEqual(400);
    expect(await added()).toEqual([]);
    expect(await call(name, input, project)).toBe(200);
    const { id: userId } = await ada.api.account.me.query();
    const by = { actorKind: 'user', actorId: userId, actorName: 'Ada', address: '10.1.2.3', outcome: 'done', count: 1 };
    const told = await added();
    expect(told).toEqual(Array.from({ length: events }, () => expect.objectContaining({ ...by, ...event })));
    expect(new Set(told.map(({ organizationId }) => organizationId)).size).toBe(events);
    if (unlessRepeated) {
      await call(name, input, project);
      expect(await added()).toHaveLength(events);
    }
  });

  test.each(mutations)('%s changes nothing when its event cannot be written', async (name) => {
    const { db } = app.services;
    const { input, project } = await changes[name]!();
    const before = await readEverything();
    await sql`create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'no events today'; end $$`.execute(db);
    await sql`create constraint trigger refuse after insert on audit_events
      deferrable initially deferred for each row execute function refuse()`.execute(db);
    try {
      const once = { ...input, ...('idempotencyKey' in input && { idempotencyKey: 'unused' }) };
      expect(await call(name, once, project)).toBe(500);
    } finally {
      await sql`drop function refuse cascade`.execute(db);
    }
    expect(await readEverything()).toEqual(before);
  });
});

test('no event holds a script, a value, a password, a key or a link', async () => {
  const { key } = await ada.api.keys.create.mutate({ name: 'Seen once', role: 'viewer', expiresInDays: null });
  const { path } = await ada.api.members.invite.mutate({ email: 'seen@example.com', role: 'viewer' });
  await ada.api.variables.set.mutate({ name: 'SEEN', value: secret });
  await createTest();
  const events = JSON.stringify(await readEvents());
  expect(events).toContain('Seen once');
  for (const hidden of [secret, key, path.replace('/join/', ''), 'correct horse battery'])
    expect(events).not.toContain(hidden);
});

test('the list is for owners, in pages, newest first, and can be narrowed', async () => {
  const { api } = ada;
  const { id: testId } = await createTest('Listed');
  const since = (await api.audit.list.query({ target: testId })).items[0]!.at;
  for (const n of [1, 2, 3, 4, 5]) await api.tests.update.mutate({ testId, name: `Listed ${n}` });
  const names: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await api.audit.list.query({ target: testId, limit: 2, cursor });
    names.push(...page.items.map(({ targetName }) => targetName));
    cursor = page.nextCursor;
  } while (cursor);
  expect(names).toEqual(['Listed 5', 'Listed 4', 'Listed 3', 'Listed 2', 'Listed 1', 'Listed']);

  const { id: actor } = await api.account.me.query();
  const actionsOf = async (filter: Parameters<typeof api.audit.list.query>[0]) =>
    (await api.audit.list.query(filter)).items.map(({ action }) => action);
  expect(await actionsOf({ target: testId, action: ['test.created'] })).toEqual(['test.created']);
  expect(await actionsOf({ target: testId, actor })).toHaveLength(6);
  expect(await actionsOf({ target: testId, actor: 'schedule' })).toEqual([]);
  expect(await actionsOf({ target: testId, until: since })).toEqual([]);
  expect(await actionsOf({ target: testId, since })).toHaveLength(6);
  expect(await actionsOf({ target: testId, outcome: 'refused' })).toEqual([]);
  await expect(api.audit.list.query({ since: '0000-01-01T00:00:00Z' })).rejects.toThrow('since: must be after');
  await expect(api.audit.list.query({ cursor: 'x' })).rejects.toThrow('nextCursor');
  await expect((await newMember()).api.audit.list.query()).rejects.toThrow('needs the role "owner"');
});

test('a key sees what was done in its project, and nothing of another one or of the organisation', async () => {
  const { projectId } = await ada.api.projects.create.mutate({ name: 'Elsewhere' });
  const headers = { ...ada.headers, 'x-runlight-project': projectId };
  const elsewhere = createTestClient({ url: app.url, headers });
  const { key } = await elsewhere.api.keys.create.mutate({ name: 'Elsewhere', role: 'owner', expiresInDays: null });
  await createTest('Not for them');
  const program = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  const { items } = await program.api.audit.list.query({ limit: 200 });
  expect(items).toMatchObject([{ action: 'key.created', projectId }]);
});

test('what is written down stays when the thing, the member and the key are gone', async () => {
  const { userId, api, name } = await newMember();
  await ada.api.members.setRole.mutate({ userId, role: 'editor' });
  const { id: testId } = await api.tests.create.mutate({ name: 'Theirs', script: 'x' });
  await ada.api.members.remove.mutate({ userId });
  await app.services.db.deleteFrom('users').where('id', '=', userId).execute();
  await app.services.db.deleteFrom('tests').where('id', '=', testId).execute();
  const { items } = await ada.api.audit.list.query({ actor: userId });
  expect(items[0]).toMatchObject({ action: 'test.created', actorName: name, targetName: 'Theirs' });
});

test('runs say who started them: people and keys by name, and who retried', async () => {
  const { id: testId } = await createTest('Whose');
  const { runId } = await ada.api.tests.run.mutate({ testId });
  const { key, id: keyId } = await ada.api.keys.create.mutate({ name: 'CI', role: 'editor', expiresInDays: 1 });
  const ci = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  const byKey = await ci.api.tests.run.mutate({ testId });
  const member = await newMember();
  await ada.api.members.setRole.mutate({ userId: member.userId, role: 'editor' });
  await commitRun(app.services, runId, { from: ['queued'], to: 'passed' });
  const retry = await member.api.runs.retry.mutate({ runId });
  const { items } = await ada.api.runs.list.query({ testId });
  expect(items.map(({ id, trigger, triggeredBy }) => [id, trigger, triggeredBy])).toEqual([
    [retry.runId, 'retry', member.name],
    [byKey.runId, 'api', 'CI'],
    [runId, 'manual', 'Ada'],
  ]);
  const [event] = (await ada.api.audit.list.query({ actor: keyId })).items;
  expect(event).toMatchObject({ action: 'run.started', actorKind: 'key', actorName: 'CI', targetId: byKey.runId });
});

describe('at the doors', () => {
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

  test('signing up, in, out, changing the password and joining are written down', async () => {
    const { email, name, headers } = await newMember();
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

    const leaver = await newMember();
    await ada.api.members.remove.mutate({ userId: leaver.userId });
    const { path } = await ada.api.members.invite.mutate({ email: leaver.email, role: 'editor' });
    expect((await post(`/api/invitations/${path.replace('/join/', '')}/accept`, {}, leaver.headers)).status).toBe(204);
    expect((await newest(1))[0]).toEqual(['invitation.accepted', leaver.name, '10.0.0.9']);
  });

  test('an event that cannot be written lets nobody in', async () => {
    const { db } = app.services;
    const { email, userId } = await newMember();
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

  test('refused attempts are told, with what was tried, and the same ones are counted together', async () => {
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
    const viewer = await newMember();
    await expect(viewer.api.tests.create.mutate({ name: 'A', script: 'x' })).rejects.toThrow('needs the role');

    await eventually(async () => {
      const { items } = await ada.api.audit.list.query({ outcome: 'refused', limit: 200 });
      const told = items
        .filter((event) => event.address === '10.0.0.7' || event.actorId === viewer.userId)
        .map(({ action, actorName, targetName, count }) => [action, actorName, targetName, count]);
      expect(told.sort()).toEqual([
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
  test('whoever holds the token is told from programs that do not, and is the owner of the list', async () => {
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
