import { randomInt } from 'node:crypto';
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { procedures as allProcedures } from '#server/testing/procedures.ts';
import { collectGarbage } from '#server/testing/collect-garbage.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';

const total = 6_000;
const atOnce = 40;
/** Of the heap, after garbage collection, from a quarter of the requests to the end. */
const mayGrowBytes = 8 * 1024 * 1024;

/** Numbers from 0 to 1 that `seed` decides (mulberry32). */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const procedures = Object.keys(allProcedures);

/** A request that is not what it should be, mostly in one way. */
function makeRequest(next: () => number, app: TestSystem) {
  const pick = <T>(options: readonly T[]): T => options[Math.floor(next() * options.length)]!;
  const id = () =>
    pick([
      '018f0000-0000-7000-8000-000000000000',
      'x'.repeat(Math.floor(next() * 3_000)),
      '../../etc/passwd',
      '\0',
      '%00',
      '',
      '🦆'.repeat(50),
      "'; drop table runs; --",
      String(2 ** 60),
    ]);
  const value = (depth = 0): unknown =>
    pick([
      id,
      () => null,
      () => next() * 1e300,
      () => -1,
      () => true,
      () => [],
      () => (depth > 3 ? {} : [value(depth + 1), value(depth + 1)]),
      () => (depth > 3 ? '' : { [id()]: value(depth + 1), runId: value(depth + 1), __proto__: value(depth + 1) }),
    ])();
  const input = () => ({
    testId: pick([id, value])(),
    runId: pick([id, value])(),
    jobId: pick([id, value])(),
    name: value(),
    script: value(),
    cursor: pick([id, value])(),
    limit: value(),
    status: value(),
    lastEventId: pick([id, value])(),
    search: pick([id, value])(),
    schedule: value(),
  });
  const json = () => {
    const text = JSON.stringify(pick([input, input, value])());
    return pick([text, text, text.slice(0, Math.floor(next() * text.length)), `[${text}`, '{"a":'.repeat(200), '']);
  };
  const encoded = (text: string) =>
    pick([encodeURIComponent, encodeURIComponent, encodeURI])(Buffer.from(text).toString());
  const names = Array.from({ length: pick([1, 1, 1, 2, 30]) }, () => pick([pick(procedures), pick(procedures), id()]));
  const path = pick([
    () =>
      `/api/trpc/${names.map((name) => encodeURIComponent(name)).join(',')}?batch=${pick([1, 0])}&input=${encoded(json())}`,
    () => `/api/trpc/${encodeURIComponent(names[0]!)}?input=${encoded(json())}`,
    () => `/api/trpc/${encodeURIComponent(names[0]!)}?connectionParams=${encoded(json())}&lastEventId=${encoded(id())}`,
    () => `/artifacts/${pick([encodeURIComponent(id()), '..%2f..%2fx', '~1.x/y'])}/${encodeURIComponent(id())}`,
    () => `/api/auth/${encodeURIComponent(id())}`,
    () => `/api/invitations/${encodeURIComponent(id())}`,
    () => `/${encodeURIComponent(id())}`,
    () => `/?token=${encodeURIComponent(id())}`,
    () => pick(['/healthz', '/readyz', '/metrics', '/api/sign-in', '/index.html', '/%', '/%zz', '//', '/?', '/*']),
  ])();
  const method =
    next() < 0.9
      ? pick(['GET', 'GET', 'POST', 'POST', 'HEAD'])
      : pick(['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND']);
  const printable = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 2_000);
  const headers: Record<string, string> = {
    ...(next() < 0.8 && app.headers),
    ...(next() < 0.5 && {
      'content-type': pick(['application/json', 'text/plain', 'application/octet-stream', 'x/y', '']),
    }),
    ...(next() < 0.3 && { 'last-event-id': printable(id()) }),
    ...(next() < 0.2 && { accept: pick(['text/event-stream', 'text/html', 'application/jsonl', '*/*']) }),
    ...(next() < 0.2 && { cookie: printable(`runlight.session_token=${id()}; ${id()}=${id()}`) }),
    ...(next() < 0.1 && { authorization: printable(`Bearer ${id()}`) }),
    ...(next() < 0.1 && { origin: pick(['null', 'https://evil.example', app.url]) }),
    ...(next() < 0.1 && { 'x-runlight-project': printable(id()) }),
    ...(next() < 0.1 && { 'trpc-accept': 'application/jsonl' }),
    ...(next() < 0.1 && { range: pick(['bytes=0-', 'bytes=-1', 'bytes=9-1', 'x']) }),
  };
  const body = method === 'POST' || method === 'PUT' || method === 'PATCH' ? json() : undefined;
  return { method, path: printable(path), headers, body };
}

test('6,000 requests that make no sense are answered, none with a 500, and leave nothing behind', async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
  const next = random(seed);
  await using app = await testApp({ queuedCapacity: 20, pingIntervalMs: 300 });
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const statuses = new Map<number, number>();
  const broken: string[] = [];

  const send = ({ method, path, headers, body }: ReturnType<typeof makeRequest>) =>
    new Promise<void>((resolve) => {
      const sent = request(`${app.url}/`, { method, path: path.replaceAll(' ', '%20'), headers, agent }, (response) => {
        const status = response.statusCode!;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          // A stream that got in goes on, and one that has nothing to tell shows that it lives.
          if (response.headers['content-type'] === 'text/event-stream' && /^(id: |event: ping)/m.test(text))
            response.destroy();
        });
        response.on('close', () => {
          if (status >= 500 || text.includes('"INTERNAL_SERVER_ERROR"'))
            broken.push(`${method} ${path.slice(0, 300)} ${body?.slice(0, 200)} → ${status} ${text.slice(0, 300)}`);
          resolve();
        });
      });
      sent.on('error', (error) => {
        broken.push(`${method} ${path.slice(0, 200)}: ${error.message}`);
        resolve();
      });
      sent.end(body);
    });

  let heapBefore = 0;
  for (let quarter = 0; quarter < 4; quarter += 1) {
    let left = total / 4;
    const work = async () => {
      while (left-- > 0) await send(makeRequest(next, app));
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await collectGarbage();
    if (quarter === 0) heapBefore = process.memoryUsage().heapUsed;
  }
  const grown = process.memoryUsage().heapUsed - heapBefore;
  agent.destroy();
  const counts = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
  console.log(`fuzz, seed ${seed}: ${counts.join(', ')}; the heap grew by ${(grown / 1024 / 1024).toFixed(1)} MiB`);
  expect(broken.slice(0, 10), `FUZZ_SEED=${seed} repeats it`).toEqual([]);
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(total);
  expect(grown).toBeLessThan(mayGrowBytes);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
});
