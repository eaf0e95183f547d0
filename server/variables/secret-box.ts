import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Encrypts secrets for the database, so that a copy of the database does not reveal them. */
export interface SecretBox {
  /** `context` names the owner of the secret. The secret opens only with the same context. */
  seal(secret: string, context: string): string;
  /** Throws if the secret was sealed with another key or context, or has been tampered with. */
  open(sealed: string, context: string): string;
}

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM. `key` has 32 bytes. */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    seal(secret, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final()]);
      return `v1.${Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64')}`;
    },
    open(text, context) {
      const [version, base64 = ''] = text.split('.');
      if (version !== 'v1') throw new Error('A secret was sealed in a way that this Runlight does not know.');
      const sealed = Buffer.from(base64, 'base64');
      const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-tagBytes));
      return decipher.update(sealed.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}

/**
 * The key for sealing secrets: derived from `authSecret`, or read from `<dataDir>/variables.key`. That file is created on
 * first use, and only our user may read it.
 */
export async function loadSecretKey(options: { authSecret: string | undefined; dataDir: string }): Promise<Uint8Array> {
  const { authSecret, dataDir } = options;
  if (authSecret !== undefined)
    return new Uint8Array(hkdfSync('sha256', authSecret, '', 'runlight variables', keyBytes));
  const file = path.join(dataDir, 'variables.key');
  await mkdir(dataDir, { recursive: true });
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, randomBytes(keyBytes).toString('hex'), { mode: 0o600, flag: 'wx' });
    // Unlike a rename, a link does not replace the file of another process.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const key = Buffer.from(await readFile(file, 'utf8'), 'hex');
  if (key.length !== keyBytes)
    throw new Error(`${file} is not a key. Restore it, or remove it and set the variables of the projects again.`);
  return key;
}
