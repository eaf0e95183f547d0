import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createSecretBox, loadSecretKey } from './secret-box.ts';

test('a secret opens unchanged with its key and context, and with no other', () => {
  const key = randomBytes(32);
  const box = createSecretBox(key);
  for (const secret of ['', 'hunter2', 'ä\n🔑'.repeat(1_000)]) {
    const sealed = box.seal(secret, 'a');
    expect(createSecretBox(key).open(sealed, 'a')).toBe(secret);
    expect(box.seal(secret, 'a')).not.toBe(sealed);
    expect(() => box.open(sealed, 'b')).toThrow();
    expect(() => createSecretBox(randomBytes(32)).open(sealed, 'a')).toThrow();
    const bytes = Buffer.from(sealed.slice(3), 'base64');
    bytes[bytes.length - 20]! ^= 1;
    expect(() => box.open(`v1.${bytes.toString('base64')}`, 'a')).toThrow();
  }
  expect(() => box.open('v2.AAAA', 'a')).toThrow('does not know');
});

test('the key file is created once, readable by our user only; AUTH_SECRET replaces it', async () => {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-key-'));
  try {
    const load = (authSecret?: string) => loadSecretKey({ authSecret, dataDir });
    const keys = await Promise.all(Array.from({ length: 20 }, () => load()));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect((await stat(path.join(dataDir, 'variables.key'))).mode & 0o777).toBe(0o600);
    expect(await load('a'.repeat(32))).toEqual(await load('a'.repeat(32)));
    expect(await load('a'.repeat(32))).not.toEqual(await load('b'.repeat(32)));
    await writeFile(path.join(dataDir, 'variables.key'), 'abc');
    await expect(load()).rejects.toThrow('is not a key');
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
