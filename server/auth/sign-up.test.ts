import { expect, test } from 'vitest';
import { tryWithLock } from '#server/db/advisory-locks.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

const post = (app: TestSystem, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const password = 'correct horse battery';

test('the first user owns the organisation; others need an invitation, and have its role', async () => {
  await using app = await testApp({ accounts: {} });
  expect(await (await fetch(`${app.url}/api/sign-in`)).json()).toEqual({ kind: 'accounts', isNew: true });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  expect(await (await fetch(`${app.url}/api/sign-in`)).json()).toEqual({ kind: 'accounts', isNew: false });
  expect(await ada.api.account.me.query()).toMatchObject({ kind: 'user', name: 'Ada', role: 'owner' });

  const faulty = await post(app, '/api/auth/sign-up/email', { name: 'Eve\nAda', email: 'eve', password: 'short' });
  expect([faulty.status, await faulty.json()]).toEqual([
    400,
    expect.objectContaining({ message: expect.stringMatching(/^name: .*line breaks.* · email: .* · password: .*12/) }),
  ]);
  const uninvited = { name: 'Eve', email: 'eve@example.com', password };
  expect((await post(app, '/api/auth/sign-up/email', uninvited)).status).toBe(403);
  const { path } = await ada.api.members.invite.mutate({ email: 'Bob@example.com', role: 'viewer' });
  const invitation = path.replace('/join/', '');
  expect((await post(app, '/api/auth/sign-up/email', { ...uninvited, invitation })).status).toBe(403);
  expect(await (await fetch(`${app.url}/api/invitations/${invitation}`)).json()).toEqual({
    email: 'bob@example.com',
    role: 'viewer',
    organization: 'Default',
    project: null,
    invitedBy: 'Ada',
    hasAccount: false,
  });
  const bob = await testUser(app, { email: 'bob@example.com', name: 'Bob', invitation });
  expect(await bob.api.account.me.query()).toMatchObject({ role: 'viewer' });
  await expect(bob.api.tests.create.mutate({ name: 'A', script: 'x' })).rejects.toThrow('needs the role "editor"');
  expect((await fetch(`${app.url}/api/invitations/${invitation}`)).status).toBe(404);
  expect((await ada.api.members.list.query()).items.map(({ name, role }) => [name, role])).toEqual([
    ['Ada', 'owner'],
    ['Bob', 'viewer'],
  ]);
});

test('sign-ups without an invitation are limited to sixty a minute and address', async () => {
  await using app = await testApp({ accounts: {}, proxies: 1 });
  await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const eve = { name: 'Eve', email: 'eve@example.com', password: 'correct horse battery' };
  const tryFrom = (address: string) => post(app, '/api/auth/sign-up/email', eve, { 'x-forwarded-for': address });
  const answers = await Promise.all(Array.from({ length: 70 }, () => tryFrom('10.6.6.6')));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array<number>(60).fill(403), ...Array<number>(10).fill(429)]);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ message: expect.stringContaining('Too many attempts') });
  expect((await tryFrom('10.6.6.7')).status).toBe(403);
});

test('a sign-up passes while a sweep is under way', async () => {
  await using app = await testApp({ accounts: {} });
  const hasRun = await tryWithLock(app.services.db, 'sweep', async () => {
    const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
    expect(await ada.api.account.me.query()).toMatchObject({ name: 'Ada', role: 'owner' });
  });
  expect(hasRun).toBe(true);
});
