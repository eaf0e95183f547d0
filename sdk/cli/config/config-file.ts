import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';

/** What `runlight login` stores. */
export interface StoredAccess {
  url: string;
  token: string;
  /** Id of the project; absent: that of the token. */
  project?: string;
}

export function configPath({ env }: Pick<Host, 'env'>): string {
  const { XDG_CONFIG_HOME, HOME } = env;
  // As the XDG specification says: a relative path is ignored.
  const base = XDG_CONFIG_HOME && path.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : undefined;
  return path.join(base ?? path.join(HOME || homedir(), '.config'), 'runlight', 'config.json');
}

/** Undefined if there is no file. Throws for one that cannot be read, and says what to do. */
export async function readConfig(host: Pick<Host, 'env'>): Promise<StoredAccess | undefined> {
  const file = configPath(host);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CliError(`${file} cannot be read: ${message}`, exitCodes.wrongUse);
  }
  const stored = parse(text);
  if (!stored)
    throw new CliError(
      `${file} is not what \`runlight login\` writes: run that again, or remove the file.`,
      exitCodes.wrongUse,
    );
  return stored;
}

function parse(text: string): StoredAccess | undefined {
  try {
    const { url, token, project } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url !== 'string' || typeof token !== 'string') return undefined;
    return { url, token, ...(typeof project === 'string' && { project }) };
  } catch {
    return undefined;
  }
}

/** Replaces the file as a whole; no other user can read it at any time. Resolves to its path. */
export async function writeConfig(host: Pick<Host, 'env'>, access: StoredAccess): Promise<string> {
  const file = configPath(host);
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(access, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw new CliError(`${file} cannot be written: ${(error as Error).message}`, exitCodes.wrongUse);
  }
  return file;
}

/** Resolves to the path of the file that was there, or undefined. */
export async function removeConfig(host: Pick<Host, 'env'>): Promise<string | undefined> {
  const file = configPath(host);
  try {
    await rm(file);
    return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`${file} cannot be removed: ${(error as Error).message}`, exitCodes.wrongUse);
  }
}
