import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { beginWithCases, listedCase } from '#server/testing/played-cases.ts';
import { useTestApp } from '#server/testing/resources.ts';

const getApp = useTestApp({});

/** The answer as it travels. */
function get(path: string, encodings?: string) {
  const { url, headers } = getApp();
  return new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    request(`${url}${path}`, { headers: { ...headers, ...(encodings && { 'accept-encoding': encodings }) } }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => resolve({ headers: res.headers, body: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}

test('long answers are compressed as the client asks, and are the same', async () => {
  const cases = Array.from({ length: 500 }, (_, index) => listedCase(`a title of a case ${index}`));
  const { runId } = await beginWithCases(getApp(), cases);
  const input = encodeURIComponent(JSON.stringify({ runId, part: 0 }));
  const path = `/api/trpc/runs.manifest?input=${input}`;
  const plain = await get(path);
  expect(plain.headers).not.toHaveProperty('content-encoding');
  expect(plain.headers).toMatchObject({ 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  const gzipped = await get(path, 'deflate, gzip;q=0.5, br;q=0');
  expect(gzipped.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'application/json' });
  expect(gzipped.headers.vary).toContain('accept-encoding');
  expect(gunzipSync(gzipped.body)).toEqual(plain.body);
  expect(gzipped.body.length).toBeLessThan(plain.body.length / 4);
  const brotli = await get(path, 'gzip, br');
  expect(brotli.headers).toMatchObject({ 'content-encoding': 'br' });
  expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
  expect((await get(path, 'zstd, *')).headers).not.toHaveProperty('content-encoding');
});

test('the answer to a batch has one length', async () => {
  for (const encodings of [undefined, 'gzip']) {
    const { headers, body } = await get('/api/trpc/queue.stats,queue.stats?batch=1&input=%7B%7D', encodings);
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(JSON.parse(body.toString())).toHaveLength(2);
  }
});

test('short answers, refusals and other answers stay as they are', async () => {
  for (const path of ['/api/trpc/queue.stats', '/api/trpc/runs.byId?input=%7B%7D', '/api/trpc/nothing', '/healthz'])
    expect((await get(path, 'gzip, br')).headers).not.toHaveProperty('content-encoding');
  expect((await get('/api/trpc/runs.byId?input=%7B%7D', 'gzip')).body.toString()).toContain('BAD_REQUEST');
});
