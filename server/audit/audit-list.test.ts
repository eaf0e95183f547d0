import { afterAll, expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { createTestClient } from '#server/testing/client.ts';
import { startAuditFixture, secret } from '#server/testing/audit-fixture.ts';

const { app, ada, fixture, readEvents } = await startAuditFixture();
afterAll(() => app[Symbol.asyncDispose]());

test('no event holds a script, a value, a password, a key or a link', async () => {
  const { key } = await ada.api.keys.create.mutate({ name: 'Seen once', role: 'viewer', expiresInDays: null });
  const { path } = await ada.api.members.invite.mutate({ email: 'seen@example.com', role: 'viewer' });
  await ada.api.variables.set.mutate({ name: 'SEEN', value: secret });
  await fixture.createTest();
  const events = JSON.stringify(await readEvents());
  expect(events).toContain('Seen once');
  for (const hidden of [secret, key, path.replace('/join/', ''), 'correct horse battery'])
    expect(events).not.toContain(hidden);
});

test('the list is for owners, in pages, newest first, with filters', async () => {
  const { api } = ada;
  const { id: testId } = await fixture.createTest('Listed');
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
  await expect((await fixture.newMember()).api.audit.list.query()).rejects.toThrow('needs the role "owner"');
});

test('a key sees events of its project, and none of other projects or of the organisation', async () => {
  const { projectId } = await ada.api.projects.create.mutate({ name: 'Elsewhere' });
  const headers = { ...ada.headers, 'x-runlight-project': projectId };
  const elsewhere = createTestClient({ url: app.url, headers });
  const { key } = await elsewhere.api.keys.create.mutate({ name: 'Elsewhere', role: 'owner', expiresInDays: null });
  await fixture.createTest('Not for them');
  const program = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  const { items } = await program.api.audit.list.query({ limit: 200 });
  expect(items).toMatchObject([{ action: 'key.created', projectId }]);
});

test('events stay when their subject and their author are deleted', async () => {
  const { userId, api, name } = await fixture.newMember();
  await ada.api.members.setRole.mutate({ userId, role: 'editor' });
  const { id: testId } = await api.tests.create.mutate({ name: 'Theirs', script: 'x' });
  await ada.api.members.remove.mutate({ userId });
  await app.services.db.deleteFrom('users').where('id', '=', userId).execute();
  await app.services.db.deleteFrom('tests').where('id', '=', testId).execute();
  const { items } = await ada.api.audit.list.query({ actor: userId });
  expect(items[0]).toMatchObject({ action: 'test.created', actorName: name, targetName: 'Theirs' });
});

test('runs say who started them: people and keys by name, and who retried', async () => {
  const { id: testId } = await fixture.createTest('Run by three');
  const { runId } = await ada.api.tests.run.mutate({ testId });
  const { key, id: keyId } = await ada.api.keys.create.mutate({ name: 'CI', role: 'editor', expiresInDays: 1 });
  const ci = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  const byKey = await ci.api.tests.run.mutate({ testId });
  const member = await fixture.newMember();
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
