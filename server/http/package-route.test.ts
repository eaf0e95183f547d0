import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { version } from '#server/config/installation.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({ accounts: {} });
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('the npm package is served without a sign-in, and asked for again each time', async () => {
  const file = await readFile(builtPackage());
  const address = `${app().url}/runlight.tgz`;
  const whole = await fetch(address);
  expect(whole.status).toBe(200);
  expect(hashOf(Buffer.from(await whole.arrayBuffer()))).toBe(hashOf(file));
  const headers = {
    'content-type': 'application/gzip',
    'content-length': String(file.length),
    'content-disposition': `attachment; filename="runlight-${version}.tgz"`,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  };
  expect(Object.fromEntries(whole.headers)).toMatchObject(headers);
  const head = await fetch(address, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect(Object.fromEntries(head.headers)).toMatchObject(headers);
  const again = await fetch(address, { headers: { 'if-none-match': whole.headers.get('etag')! } });
  expect([again.status, await again.text()]).toEqual([304, '']);
});
