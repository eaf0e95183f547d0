import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const bytes = 32;

/**
 * The access token of a Runlight without accounts, from the file `access-token` in its data folder. Creates the file on first
 * use, readable by its owner alone; several processes may do so at once. Throws when the file holds no token.
 */
export async function loadAccessToken(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'access-token');
  const made = `${file}.${process.pid}`;
  await writeFile(made, `${randomBytes(bytes).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // Unlike a rename, a link does not replace an existing file.
    await link(made, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(made);
  }
  await chmod(file, 0o600);
  const token = (await readFile(file, 'utf8')).trim();
  if (!/^[\w-]{32,}$/.test(token))
    throw new Error(
      `${file} holds no access token of 32 or more characters. Remove the file, and Runlight makes a new one.`,
    );
  return token;
}
