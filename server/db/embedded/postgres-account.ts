import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { chown, lchown, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type PostgresBinaries, useOwnServer } from './postgres-binaries.ts';

const needsGlibc = 'On Linux it needs glibc, which Alpine does not have.';

/** The user that runs the Postgres programs, which refuse to run as root. */
export interface PostgresAccount {
  /** Command that starts a program in a user namespace; empty to start it directly. */
  prefix: readonly string[];
  /** Set when the programs run as another user, which must own the files. */
  user?: { uid: number; gid: number };
  /** The kernel stops the server whenever this process ends. */
  endsWithParent: boolean;
}

/**
 * Our own user, unless we are root. Root runs Postgres as an ordinary user in a user namespace; the files stay root's.
 * Where that is forbidden (most containers) or cannot access the files (another user's home), Postgres runs as the owner
 * of the directory, else as `nobody`. A cluster that belongs to an ordinary user stays with that user. Throws if none of
 * them can run Postgres in `dataDir`.
 */
export async function choosePostgresAccount(
  binaries: PostgresBinaries,
  dataDir: string,
  cluster: string,
): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], endsWithParent: false };
  const owner = await stat(cluster).catch(() => undefined);
  const candidates = owner && owner.uid !== 0 ? [asUser(owner)] : await accountsForRoot(dataDir);
  for (const account of candidates) {
    if (await canRun(account, binaries.postgres, dataDir)) return account;
  }
  const users = candidates.map(({ user }) => (user ? `user ${user.uid}` : 'an unprivileged root'));
  throw new Error(
    `Postgres does not run as root, and ${users.join(' or ')} cannot run ${binaries.postgres} in ${dataDir}. ` +
      `Start Runlight as an ordinary user, or let that user enter both directories (chmod o+x), or set DATA_DIR to ` +
      `another directory. ${needsGlibc} ${useOwnServer}`,
  );
}

async function accountsForRoot(dataDir: string): Promise<PostgresAccount[]> {
  const unprivileged = await findUnprivilegedUser();
  const prefix = ['unshare', '--user', `--map-user=${unprivileged.uid}`, '--', 'setpriv', '--pdeathsig=INT', '--'];
  const neighbour = await findOrdinaryOwner(dataDir);
  return [{ prefix, endsWithParent: true }, ...(neighbour ? [asUser(neighbour)] : []), asUser(unprivileged)];
}

function asUser({ uid, gid }: { uid: number; gid: number }): PostgresAccount {
  return { prefix: [], user: { uid, gid }, endsWithParent: false };
}

/** The owner of `directory`, or of the nearest directory above it that does not belong to root. */
async function findOrdinaryOwner(directory: string): Promise<{ uid: number; gid: number } | undefined> {
  const owner = await stat(directory);
  if (owner.uid !== 0) return owner;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : findOrdinaryOwner(parent);
}

/** Starts a Postgres program as `account`, with a fixed environment instead of ours. */
export function spawnAs(
  account: PostgresAccount,
  program: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'stdio' | 'detached' | 'cwd'>,
): ChildProcess {
  const [command, ...rest] = [...account.prefix, program, ...args];
  return spawn(command!, rest, {
    ...options,
    ...account.user,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
}

/** Makes the account the owner of `directory` and everything in it, unless it already is. */
export async function handOver(directory: string, account: PostgresAccount): Promise<void> {
  const { uid, gid } = account.user ?? { uid: process.getuid!(), gid: process.getgid!() };
  if ((await stat(directory)).uid === uid) return;
  for (const entry of await readdir(directory, { recursive: true })) {
    await lchown(path.join(directory, entry), uid, gid);
  }
  // Last, because the owner of the directory shows the next start that all of it was handed over.
  await chown(directory, uid, gid);
}

/** How a child ended: `code 1`, `signal SIGKILL`, or why it could not be started. Never rejects. */
export function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ? `signal ${signal}` : `code ${code}`));
  });
}

/** The error of a program that failed, with the end of what it wrote and a way out. */
export function programError(
  what: string,
  ended: string,
  output: string,
  { logPath, cause }: { logPath?: string; cause?: unknown } = {},
): Error {
  const lines = output.trim().split('\n').slice(-15);
  return new Error(
    [
      `The embedded Postgres ${what} (${ended}).`,
      ...lines.filter((line) => line !== '').map((line) => `  ${line}`),
      // A missing dynamic loader causes ENOENT, too.
      ...(ended.includes('ENOENT') ? [needsGlibc] : []),
      ...(logPath ? [`The whole log is ${logPath}.`] : []),
      `Remove the cause and start again. ${useOwnServer}`,
    ].join('\n'),
    { cause },
  );
}

async function canRun(account: PostgresAccount, program: string, directory: string): Promise<boolean> {
  const script = 'cd "$1" && "$2" --version';
  const child = spawnAs(account, '/bin/sh', ['-c', script, 'sh', directory, program], { cwd: '/', stdio: 'ignore' });
  return (await endOf(child)) === 'code 0';
}

/** The system's user without privileges. initdb needs a user that has a name. */
async function findUnprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}
