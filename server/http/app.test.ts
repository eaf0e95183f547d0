import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis } from '#server/testing/redis.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';

let app: TestSystem;
let runId: string;
beforeAll(async () => {
  app = await testApp();
  const { id: testId } = await app.client.api.tests.create.mutate({ name: 'A test', script: 'test' });
  ({ runId } = await app.client.api.tests.run.mutate({ testId }));
  const run = path.join(app.dataDir, 'artifacts', runId);
  await mkdir(path.join(run, 'report'), { recursive: true });
  await writeFile(path.join(run, 'report', 'index.html'), '<p>report</p>');
  await writeFile(path.join(run, 'trace.zip'), '0123456789');
  await writeFile(path.join(run, 'page.html'), '<script>steal()</script>');
  await mkdir(path.join(run, 'report', 'data'));
  await writeFile(path.join(run, 'report', 'data', 'a.svg'), '<svg><script>steal()</script></svg>');
  await mkdir(path.join(run, 'results', 'report'), { recursive: true });
  await writeFile(path.join(run, 'results', 'report', 'page.html'), '<script>steal()</script>');
  await writeFile(path.join(app.dataDir, 'secret'), 'secret');
});
afterAll(() => app[Symbol.asyncDispose]());

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${url}`, { headers: { ...app.headers, ...headers } });

test('/healthz shows that the process is alive, /readyz that its dependencies answer', async () => {
  expect((await get('/healthz')).status).toBe(200);
  const ready = await get('/readyz');
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: 'ok', checks: { postgres: 'ok', bus: 'ok', queue: 'ok' } });
});

test('/readyz names the dependency that does not answer, while /healthz is still ok, and all can be closed', async () => {
  await using redis = await startRedis();
  await using other = await testApp({ redis: redis.env, worker: true });
  await redis.stop();
  const ready = await fetch(`${other.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    status: 'unavailable',
    checks: { postgres: 'ok', bus: expect.not.stringMatching(/^ok$/), queue: expect.not.stringMatching(/^ok$/) },
  });
  expect((await fetch(`${other.url}/healthz`)).status).toBe(200);
});

test('/metrics has Prometheus’ format', async () => {
  const response = await get('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toMatch(/^runlight_watchers 0$/m);
});

test('files of the client are sent as the build has compressed them, to browsers that take that', async () => {
  const assets = path.join(app.dataDir, 'client', 'assets');
  await mkdir(assets);
  const script = 'export const greeting = "hello";';
  for (const [end, content] of [
    ['', script],
    ['.br', brotliCompressSync(script)],
    ['.gz', gzipSync(script)],
  ] as const)
    await writeFile(path.join(assets, `app.js${end}`), content);
  for (const [accepted, encoding] of [
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['identity', null],
  ] as const) {
    const response = await get('/assets/app.js', { 'accept-encoding': accepted });
    expect([response.status, response.headers.get('content-encoding')], accepted).toEqual([200, encoding]);
    expect(await response.text()).toBe(script);
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('vary')).toMatch(/accept-encoding/i);
  }
});

test('artifacts are served, whole and in ranges, and none of them can act for its reader', async () => {
  const report = await get(`/artifacts/${runId}/report/index.html`);
  expect([report.status, await report.text()]).toEqual([200, '<p>report</p>']);
  expect(report.headers.get('content-security-policy')).toMatch(/^sandbox allow-scripts/);
  expect(report.headers.get('x-content-type-options')).toBe('nosniff');

  const range = await get(`/artifacts/${runId}/trace.zip`, { range: 'bytes=2-5' });
  expect([range.status, range.headers.get('content-range'), await range.text()]).toEqual([206, 'bytes 2-5/10', '2345']);
  expect((await get(`/artifacts/${runId}/trace.zip`, { range: 'bytes=20-' })).status).toBe(416);

  for (const file of ['page.html', 'results/report/page.html', 'report/data/a.svg'])
    expect((await get(`/artifacts/${runId}/${file}`)).headers.get('content-security-policy')).toMatch(/^sandbox;/);
  expect((await get(`/artifacts/${runId}/page.html`)).headers.get('content-disposition')).toBe('attachment');

  await symlink(path.join(app.dataDir, 'secret'), path.join(app.dataDir, 'artifacts', runId, 'link'));
  expect((await get(`/artifacts/${runId}/link`)).status).toBe(404);
});

test('Playwright’s trace viewer is served, and loads nothing from other origins', async () => {
  const page = await get('/trace-viewer/index.html');
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Playwright Trace Viewer')]);
  for (const file of ['index.html', 'sw.bundle.js'])
    expect((await get(`/trace-viewer/${file}`)).headers.get('content-security-policy')).toContain("connect-src 'self'");
  expect((await get('/trace-viewer/nothing', { accept: 'text/html' })).status).toBe(404);
});

test('no file outside the artifacts can be read through their routes', async () => {
  for (const url of [
    '/artifacts/../secret',
    '/artifacts/%2e%2e/secret',
    `/artifacts/${runId}/..%2f..%2fsecret`,
    `/artifacts/${runId}`,
  ])
    expect((await get(url)).status, url).toBeGreaterThanOrEqual(400);
});

test('unknown page URLs get the client, and other unknown URLs a JSON error', async () => {
  const nonces = new Set<string>();
  for (const url of ['/', '/index.html', '/runs/anything', '/runs/anything?x=1']) {
    const page = await get(url, { accept: 'text/html' });
    const text = await page.text();
    expect([page.status, text], url).toEqual([200, expect.stringContaining('<title>Runlight</title>')]);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none';script-src 'self';style-src 'self' 'nonce-");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(text).toContain(`nonce="${nonce}"`);
    expect(page.headers.get('cache-control')).toBe('no-store');
    nonces.add(nonce!);
  }
  expect(nonces.size).toBe(4);
  const nothing = await get('/nothing');
  expect([nothing.status, nothing.headers.get('content-type')]).toEqual([404, expect.stringContaining('json')]);
  expect((await get('/artifacts/none/x', { accept: 'text/html' })).status).toBe(404);
});

/** Asks with `http.request`, which sends what `fetch` does not: a Host, any method, an address as its target. */
function ask({ url, headers }: TestSystem, options: { path: string; method?: string; host?: string }) {
  const { path, method = 'GET', host } = options;
  return new Promise<IncomingMessage>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path, method, headers: { ...headers, ...(host && { host }) } }, resolve)
      .on('error', reject)
      .end();
  });
}

async function bodyOf(response: IncomingMessage) {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

test('a request for a foreign host is refused, streams included', async () => {
  await using strict = await testApp({ publicUrl: 'https://runlight.example' });
  const status = async (path: string, host?: string) => {
    const response = await ask(strict, { path, ...(host && { host }) });
    response.destroy();
    return response.statusCode;
  };
  for (const path of ['/healthz', '/api/trpc/activity.onEvents', '/api/trpc/tests.list']) {
    expect(await status(path)).toBe(200);
    expect(await status(path, 'Runlight.example:443')).toBe(200);
    expect(await status(path, 'evil.example')).toBe(421);
  }
});

test('behind a proxy that sends its own Host, the refusal names the header and the setting of the proxy', async () => {
  const host = 'runlight.prod.svc.cluster.local';
  for (const [options, setting] of [
    [{}, 'BASE_URL'],
    [{ accounts: undefined }, 'PUBLIC_URL'],
  ] as const) {
    await using system = await testApp({ accounts: {}, publicUrl: 'https://runlight.example', ...options });
    const refused = await ask(system, { path: '/api/trpc/tests.list', host });
    expect(refused.statusCode).toBe(421);
    const { message } = JSON.parse(await bodyOf(refused)) as { message: string };
    expect(message).toContain(`The header Host is ${host}`);
    expect(message).toContain('https://runlight.example');
    expect(message).toContain('proxy_set_header Host $http_host');
    expect(message).toContain(`If people use ${host}, set ${setting}`);
    const elsewhere = await fetch(`${system.url}/api/trpc/tests.create`, {
      method: 'POST',
      headers: { ...system.headers, origin: 'https://other.example' },
    });
    expect(elsewhere.status).toBe(403);
    expect(await elsewhere.text()).toMatch(new RegExp(`https://other.example.*https://runlight.example.*${setting}`));
  }
});

test('an address in absolute form is answered as any other, and its host counts; a refused method names those allowed', async () => {
  const { host } = new URL(app.url);
  for (const path of ['/healthz', '/api/trpc/queue.onStats?input=%7B%7D']) {
    const answered = await ask(app, { path: `http://${host}${path}`, host: 'evil.example' });
    answered.destroy();
    expect([path, answered.statusCode]).toEqual([path, 200]);
    const refused = await ask(app, { path: `http://evil.example${path}`, host });
    refused.destroy();
    expect([path, refused.statusCode]).toEqual([path, 421]);
  }
  const deleted = await ask(app, { path: '/healthz', method: 'DELETE' });
  expect([deleted.statusCode, deleted.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
  deleted.destroy();
});

test('unknown procedures are NOT_FOUND, and malformed requests BAD_REQUEST', async () => {
  const unknown = await get('/api/trpc/tests.explode');
  expect([unknown.status, ((await unknown.json()) as { error: { data: { code: string } } }).error.data.code]).toEqual([
    404,
    'NOT_FOUND',
  ]);
  expect((await get('/api/trpc/tests.list?input=%7B')).status).toBe(400);
  const text = await fetch(`${app.url}/api/trpc/tests.create`, { method: 'POST', headers: app.headers, body: '{}' });
  expect(text.status).toBe(415);
  const huge = await fetch(`${app.url}/api/trpc/tests.create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...app.headers },
    body: JSON.stringify({ name: 'Huge', script: 'x'.repeat(9 * 1024 * 1024) }),
  });
  expect(huge.status).toBe(413);
});
