import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';
import { limitBodyTime } from './body-timeout.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** Sends the text as it is, and resolves to all that comes until the server closes. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

test('a request that is too large is refused, and the message names the limit', async () => {
  const get = (headers: Record<string, string>, path = '/healthz') => fetch(app.url + path, { headers });
  const long = await get({}, `/healthz?${'x'.repeat(17_000)}`);
  expect([long.status, await long.text()]).toEqual([414, expect.stringContaining('at most 16,384 characters')]);
  const headers = await raw(`GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(40_000)}\r\n\r\n`);
  expect(headers).toMatch(/^HTTP\/1\.1 431 [\s\S]*at most 32 KiB together/);
  const body = await fetch(`${app.url}/api/trpc/tests.create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...app.headers },
    body: JSON.stringify({ name: 'Huge', script: 'x'.repeat(9 * 1024 * 1024) }),
  });
  expect([body.status, await body.text()]).toEqual([413, expect.stringContaining('at most 8 MiB')]);
  expect(await raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*no HTTP request/);
});

test('a client that never finishes its headers, or sends nothing, is disconnected', async () => {
  const [slow, silent] = await Promise.all([raw('GET /healthz HTTP/1.1\r\nhost: localhost\r\n'), raw('')]);
  expect(slow).toMatch(/^HTTP\/1\.1 408 [\s\S]*headers 10 s/);
  expect(silent).toMatch(/^HTTP\/1\.1 408 /);
});

test('a body that comes too slowly is refused, and one that is a file is not, as long as something comes', async () => {
  const withinMs = 50;
  const server = createServer((req, res) => {
    limitBodyTime(req, res, withinMs);
    req.resume().on('end', () => res.end('all of it'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const send = (method: string, path: string) => {
    const sending = request({ port, method, path, headers: { 'content-length': 2 } }).on('error', () => {});
    sending.write('1');
    return sending;
  };
  const answer = async (sending: ClientRequest) => {
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    return [response.statusCode, await text(response)];
  };
  try {
    const file = send('PUT', '/api/reports/run/0/files/film.webm');
    expect(await answer(send('POST', '/api/trpc/reports.append'))).toEqual([
      408,
      expect.stringContaining('all of it 0.05 s'),
    ]);
    file.end('2');
    expect(await answer(file)).toEqual([200, 'all of it']);
  } finally {
    server.close();
  }
});

test('requests of a key are limited, and the message names the limit', async () => {
  await using other = await testApp({ accounts: { requestsPerKey: 5 } });
  const ada = await testUser(other, { email: 'ada@example.com', name: 'Ada' });
  const { key } = await ada.api.keys.create.mutate({ name: 'CI', role: 'viewer', expiresInDays: null });
  const headers = { authorization: `Bearer ${key}` };
  const ask = () => fetch(`${other.url}/api/trpc/tests.list`, { headers });
  for (let count = 0; count < 5; count += 1) expect((await ask()).status).toBe(200);
  const refused = await ask();
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('REQUESTS_PER_KEY')]);
  await ada.api.tests.list.query();
});
