import { request } from 'node:http';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { loadAccessToken } from './access-token.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const get = (target: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${target}`, { headers, redirect: 'manual' });

async function tempDir() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-token-'));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

test('the token is made once, also by several processes at once, and only its owner can read the file', async () => {
  await using data = await tempDir();
  const tokens = await Promise.all(Array.from({ length: 5 }, () => loadAccessToken(data.dir)));
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).toMatch(/^[\w-]{43}$/);
  const file = path.join(data.dir, 'access-token');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readFile(file, 'utf8')).trim()).toBe(await loadAccessToken(data.dir));
  await writeFile(file, '');
  await expect(loadAccessToken(data.dir)).rejects.toThrow('holds no access token');
});

test('the printed URL exchanges its token for a cookie that scripts cannot read, and loses the token', async () => {
  const answer = await get(`/runs?status=failed&token=${app.token}`);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/runs?status=failed']);
  const [cookie = ''] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^runlight-\d+=[\w-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
  expect(cookie).not.toContain(app.token);
  const held = cookie.split(';')[0]!;
  expect((await get('/api/trpc/tests.list', { cookie: held })).status).toBe(200);
  expect((await get('/api/trpc/tests.list', { cookie: `${held}x` })).status).toBe(401);

  const wrong = await get('/?token=guessed');
  expect([wrong.status, wrong.headers.get('location'), wrong.headers.get('set-cookie')]).toEqual([303, '/', null]);
  expect((await get(`//evil.example/?token=${app.token}`)).headers.get('location')).toBe('/');
  expect((await get('//[?token=guessed')).status).toBe(404);
});

test('a token in the query opens neither data nor artifacts', async () => {
  expect((await get(`/api/trpc/tests.list?token=${app.token}`)).status).toBe(401);
  expect((await get(`/artifacts/x?token=${app.token}`)).status).toBe(401);
});

test('without the token, a caller learns only that the process is alive', async () => {
  for (const open of ['/healthz', '/readyz', '/api/sign-in']) expect((await get(open)).status, open).toBe(200);
  for (const shut of ['/metrics', '/artifacts/any/report/index.html', '/api/trpc/tests.list', '/api/trpc/runs.list'])
    expect((await get(shut)).status, shut).toBe(401);
  const stream = await get('/api/trpc/activity.onEvents');
  const text = await stream.text();
  expect(text).toContain('"code":"UNAUTHORIZED"');
  expect(text).not.toMatch(/^data: \{"id"/m);
});

test('requests from pages of other origins are refused', async () => {
  const status = async (headers: Record<string, string>, method = 'GET') =>
    (
      await fetch(`${app.url}/api/trpc/tests.list`, {
        method,
        headers: { ...app.headers, ...headers },
      })
    ).status;
  expect(await status({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
  expect(await status({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'null' })).toBe(403);
  expect(await status({ origin: 'http://127.0.0.1:9' }, 'POST')).toBe(403);
  expect(await status({ origin: 'null' }, 'POST')).toBe(403);
  expect(await status({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBe(200);
  expect(await status({ origin: app.url }, 'POST')).not.toBe(403);
});

test('a page of another site can open a page here, and cannot send a form', async () => {
  // What browsers say of themselves, fetch would say otherwise.
  const status = (method: string, url: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...app.headers, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
      request(app.url + url, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await status('GET', '/')).toBe(200);
  expect(await status('HEAD', '/')).toBe(200);
  expect(await status('POST', '/api/trpc/tests.create')).toBe(403);
  expect(await status('POST', '/api/sign-out')).toBe(403);
});

test('a report loads its parts by a signed URL, which opens this run alone and expires', async () => {
  const { id: testId } = await app.client.api.tests.create.mutate({ name: 'A test', script: 'test' });
  const [{ runId }, other] = await Promise.all([
    app.client.api.tests.run.mutate({ testId }),
    app.client.api.tests.run.mutate({ testId }),
  ]);
  for (const run of [runId, other.runId]) {
    await mkdir(path.join(app.dataDir, 'artifacts', run, 'report/data'), { recursive: true });
    await writeFile(path.join(app.dataDir, 'artifacts', run, 'report/index.html'), '<p>report</p>');
    await writeFile(path.join(app.dataDir, 'artifacts', run, 'report/data/a.png'), 'png');
  }
  const entry = await get(`/?token=${app.token}`);
  const cookie = entry.headers.getSetCookie()[0]!.split(';')[0]!;
  const opened = await get(`/artifacts/${runId}/report/index.html?testId=1`, { cookie });
  expect(opened.status).toBe(302);
  const granted = opened.headers.get('location')!;
  expect(granted).toMatch(/^\/artifacts\/~\d+\.[\w-]+\/[^/]+\/report\/index\.html\?testId=1$/);
  expect(await (await get(granted)).text()).toBe('<p>report</p>');
  const part = granted.replace(/index\.html.*/, 'data/a.png');
  expect(await (await get(part)).text()).toBe('png');

  for (const devious of [
    part.replace(runId, other.runId),
    part.replace(`${runId}/`, `${runId}/..%2f${other.runId}/`),
    part.replace(`${runId}/`, `${runId}/%2e%2e/${other.runId}/`),
    part.replace(/~\d+/, `~${Date.now() + 9_000_000}`),
    part.replace(/~\d+/, `~${Date.now() - 1}`),
  ])
    expect((await get(devious)).status, devious).toBeGreaterThanOrEqual(400);
});
