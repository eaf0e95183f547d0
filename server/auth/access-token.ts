import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const bytes = 32;

/**
 * The secret that opens a Runlight without accounts, from `access-token` in its data folder; made on first use, also when
 * several processes do so at once. Nobody but the owner of the file may read it. Throws when the file holds no token.
 */
export async function loadAccessToken(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'access-token');
  const made = `${file}.${process.pid}`;
  await writeFile(made, `${randomBytes(bytes).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // Unlike a rename, this leaves a token that is there already as it is.
    await link(made, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(made);
  }
  await chmod(file, 0o600);
  const token = (await readFile(file, 'utf8')).trim();
  if (!/^[\w-]{32,}$/.test(token))
    throw new Error(`${file} holds no access token of 32 or more characters. Remove it, and a new one is made.`);
  return token;
}
