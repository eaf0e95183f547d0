import { expect, test } from 'vitest';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

const post = (app: TestSystem, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

test('a wrong password is refused, and so are too many attempts of one address, also behind a proxy', async () => {
  await using app = await testApp({ accounts: {}, proxies: 1 });
  await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const attempt = (address: string) =>
    post(
      app,
      '/api/auth/sign-in/email',
      { email: 'ada@example.com', password: 'wrong' },
      {
        // The first of these is what the client claims, the last what the proxy saw.
        'x-forwarded-for': `10.9.9.9, ${address}`,
      },
    );
  for (let count = 0; count < 10; count += 1) expect((await attempt('10.0.0.1')).status).toBe(401);
  const refused = await attempt('10.0.0.1');
  expect([refused.status, await refused.json()]).toEqual([
    429,
    { error: 'too many requests', message: expect.stringMatching(/Too many attempts from your address/) },
  ]);
  expect((await attempt('10.0.0.2')).status).toBe(401);
});

test('sign-ins at the same time are counted, and do not block other requests', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const attempts = Array.from({ length: 60 }, () =>
    post(app, '/api/auth/sign-in/email', { email: 'ada@example.com', password: 'wrong' }),
  );
  expect((await ada.api.queue.stats.query()).queued).toBe(0);
  const statuses = (await Promise.all(attempts)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
});

test('the cookie is http-only, strict, and signed; signing out ends the session', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  expect(ada.setCookie).toMatch(/^runlight\.session_token=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/i);
  const list = (cookie: string) =>
    fetch(`${app.url}/api/trpc/tests.list`, { headers: { cookie } }).then(({ status }) => status);
  const { cookie } = ada.headers;
  expect(await list(cookie)).toBe(200);
  const [name, token = ''] = cookie.split('=');
  const [, signature = ''] = decodeURIComponent(token).split('.');
  const row = await app.services.db.selectFrom('sessions').select('token').executeTakeFirstOrThrow();
  expect(await list(`${name}=${row.token}`)).toBe(401);
  expect(await list(`${name}=${encodeURIComponent(`x${row.token}.${signature}`)}`)).toBe(401);
  expect((await post(app, '/api/auth/sign-out', {}, ada.headers)).status).toBe(200);
  expect(await list(cookie)).toBe(401);
});

test('an expired session opens nothing', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  await app.services.db
    .updateTable('sessions')
    .set({ expiresAt: new Date(Date.now() - 1) })
    .execute();
  await expect(ada.api.tests.list.query()).rejects.toThrow('Sign in first');
  const answer = await fetch(`${app.url}/api/auth/get-session`, { headers: ada.headers });
  expect(await answer.json()).toBeNull();
});

test('only the routes of better-auth that Runlight needs exist', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  for (const path of ['list-sessions', 'delete-user', 'update-user', 'ok', 'error', 'request-password-reset'])
    expect((await fetch(`${app.url}/api/auth/${path}`, { headers: ada.headers })).status, path).toBe(404);
});

test('the details of an internal error are logged and not sent', async () => {
  await using app = await testApp({ accounts: {} });
  await app.services.db.schema.dropTable('passwordResets').execute();
  const answer = await fetch(`${app.url}/api/password-resets/x`);
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { error: 'internal server error', message: 'Something went wrong in the server; its log says what.' },
  ]);
});
