import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
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

test('packages of earlier versions stay at their addresses, so that lock files stay valid', async () => {
  const own = await fetch(`${app().url}/runlight-${version}.tgz`);
  expect([own.status, hashOf(Buffer.from(await own.arrayBuffer()))]).toEqual([
    200,
    hashOf(await readFile(builtPackage())),
  ]);
  const kept = path.join(app().dataDir, 'packages');
  await writeFile(path.join(kept, 'runlight-0.0.9.tgz'), 'earlier');
  await writeFile(path.join(kept, 'runlight-secret.tgz'), 'secret');
  const earlier = await fetch(`${app().url}/runlight-0.0.9.tgz`);
  expect([earlier.status, await earlier.text()]).toEqual([200, 'earlier']);
  for (const name of ['runlight-0.0.8.tgz', 'runlight-secret.tgz', 'runlight-1.2.3%2f..%2f..%2fsecret.tgz']) {
    const missing = await fetch(`${app().url}/${name}`);
    expect(missing.status, name).toBe(404);
  }
  const missing = await (await fetch(`${app().url}/runlight-0.0.8.tgz`)).json();
  expect(missing.message).toBe(
    `This Runlight does not have the package runlight-0.0.8.tgz. It has runlight-0.0.9.tgz, runlight-${version}.tgz; /runlight.tgz is that of its own version.`,
  );
});
