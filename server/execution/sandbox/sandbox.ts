import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '#server/lib/logger.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { type Mount, prepareMountPoint, refuseMounts } from './mount.ts';
import { createRunUsers, type RunUsers } from './run-users.ts';
import { syscallFilter } from './syscall-filter.ts';

export interface SandboxOptions {
  /** Mounted at `inside(runDir)`: read-only, except for its `writableDirs`. */
  runDir: string;
  /** Other files and folders, mounted at the same path. */
  readOnly: readonly string[];
  /** Folders that appear in the run's folder. Only bubblewrap has them: see `mount.ts`. */
  mounts?: readonly Mount[] | undefined;
  /** Where bubblewrap writes which process it has started. */
  infoFd?: number | undefined;
}

export interface Wrapped {
  command: string;
  args: string[];
  /** The run's own user, if only the user identifies the run's processes. */
  uid?: number;
}

export type Network = 'host' | 'none';

/** How the processes of a run are isolated. */
export interface Sandbox {
  /** `user`: without bubblewrap, with a user of its own for each run. */
  readonly kind: 'bubblewrap' | 'user' | 'none';
  /** The user of a run's processes: one of its own, or that of the worker. */
  readonly user: 'own' | 'worker';
  /** `host`: the worker's network. `none`: only a loopback interface of the run's own. */
  readonly network: Network;
  /** The path of the run's folder inside. */
  inside(runDir: string): string;
  /** The command that runs `command` inside. Only with bubblewrap, killing it kills all processes that it has started. */
  wrap(command: string, args: readonly string[], options: SandboxOptions): Wrapped;
}

/** The folders of a run to which its processes may write. `output` is stored. */
export const writableDirs = ['output', 'home', 'tmp', 'snapshots'];

const insideDir = '/runlight';

/** System folders with programs and libraries. Not all of `/usr`, since many images have their application in `/usr/src`. */
const systemDirs = [
  '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32',
  '/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libexec', '/usr/share',
  '/usr/local/bin', '/usr/local/lib', '/usr/local/share',
]; // prettier-ignore

/** Files with which programs find names, certificates, fonts and libraries. They contain no secrets. */
const systemFiles = [
  'alternatives', 'ca-certificates', 'ca-certificates.conf', 'chromium', 'chromium.d', 'crypto-policies', 'fonts', 'group',
  'host.conf', 'hosts', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime', 'mime.types', 'nsswitch.conf', 'opt',
  'passwd', 'pki', 'protocols', 'resolv.conf', 'services', 'ssl',
].map((name) => `/etc/${name}`); // prettier-ignore

/** No isolation, except for a process group and an environment of the run's own. */
export const noSandbox: Sandbox = {
  kind: 'none',
  user: 'worker',
  network: 'host',
  inside: (runDir) => runDir,
  wrap(command, args, { mounts }) {
    refuseMounts(mounts);
    return { command, args: [...args] };
  },
};

/**
 * A read-only system without files of users, with its own processes and its own `/tmp`. Runs can write only to their folder, where
 * the supervisor counts it. `hidden` folders are empty inside, also in system folders. With `users`, which need root, each run has
 * a user of its own; without, it has the worker's user in a user namespace.
 */
export function bubblewrap(
  options: { hidden?: readonly string[]; users?: RunUsers | undefined; network?: Network; bwrapPath?: string } = {},
): Sandbox {
  const { hidden = [], users, network = 'host', bwrapPath = 'bwrap' } = options;
  // Root in a user namespace cannot change to another user.
  const namespaces = [
    ...(users ? [] : ['--unshare-user-try']),
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(network === 'none' ? ['--unshare-net'] : []),
  ];
  const rights = users ? ['SETUID', 'SETGID', 'SETPCAP'].flatMap((name) => ['--cap-add', `CAP_${name}`]) : [];
  const limits = [...namespaces, '--cap-drop', 'ALL', ...rights, '--die-with-parent', '--new-session'];
  const system = [...systemDirs, ...systemFiles].flatMap((file) => ['--ro-bind-try', file, file]);
  const masked = hidden.filter(isSystem);
  const masks = masked.flatMap((dir) => ['--tmpfs', dir]);
  const base = [
    ...limits,
    ...parentsOf([...systemDirs, ...systemFiles]),
    ...system,
    ...masks,
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--dir',
    '/run',
  ];
  const filter = syscallFilter();
  const readOnlyAgain = [...masked, '/dev', '/'].flatMap((dir) => ['--remount-ro', dir]);
  return {
    kind: 'bubblewrap',
    user: users ? 'own' : 'worker',
    network,
    inside: () => insideDir,
    wrap(command, args, { runDir, readOnly, mounts = [], infoFd }) {
      const folder = ['--ro-bind', runDir, insideDir];
      const writable = writableDirs.flatMap((name) => ['--bind', path.join(runDir, name), `${insideDir}/${name}`]);
      // Shared memory is files, too, so it counts as disk.
      const scratch = ['/tmp', '/dev/shm'].flatMap((dir) => ['--bind', path.join(runDir, 'tmp'), dir]);
      const isHidden = (file: string) => hidden.some((dir) => isWithin(dir, file));
      const files = readOnly.filter((file) => !isSystem(file) || isHidden(file));
      const given = [...parentsOf(files), ...files.flatMap((file) => ['--ro-bind', file, file])];
      const mounted = mounts.flatMap(({ from, to, isWritable }) => {
        prepareMountPoint(runDir, to);
        return [isWritable ? '--bind' : '--ro-bind', from, `${insideDir}/${to}`];
      });
      const user = users?.take(runDir, writableDirs).command ?? [];
      const info = infoFd === undefined ? [] : ['--info-fd', String(infoFd)];
      const start = [...info, '--chdir', `${insideDir}/home`, '--', ...user, command, ...args];
      const all = [...base, ...scratch, ...given, ...folder, ...writable, ...mounted, ...readOnlyAgain, ...start];
      if (!filter) return { command: bwrapPath, args: all };
      // bubblewrap reads the filter from a file descriptor, which the shell opens.
      const filterFile = path.join(runDir, 'syscalls.bpf');
      writeFileSync(filterFile, filter);
      const open = 'exec 9<"$1"; shift; exec "$@"';
      return { command: '/bin/sh', args: ['-c', open, 'sh', filterFile, bwrapPath, '--seccomp', '9', ...all] };
    },
  };
}

/** Creates the parent folders of files, so that every user can enter them. bubblewrap would create them for its own user only. */
function parentsOf(files: readonly string[]): string[] {
  const parents = new Set<string>();
  for (const file of files) for (let dir = path.dirname(file); dir !== '/'; dir = path.dirname(dir)) parents.add(dir);
  return [...parents].sort().flatMap((dir) => ['--dir', dir]);
}

/** Only a user of its own for each run: the modes of other users' files protect them. Needs root. */
export function separateUser(users: RunUsers): Sandbox {
  return {
    kind: 'user',
    user: 'own',
    network: 'host',
    inside: (runDir) => runDir,
    wrap(command, args, { runDir, mounts }) {
      refuseMounts(mounts);
      const user = users.take(runDir, writableDirs);
      const [program, ...rest] = [...user.command, command, ...args];
      return { command: program!, args: rest, uid: user.uid };
    },
  };
}

function isWithin(dir: string, file: string): boolean {
  return file === dir || file.startsWith(`${dir}${path.sep}`);
}

function isSystem(file: string): boolean {
  return systemDirs.some((dir) => isWithin(dir, file));
}

/**
 * The strongest sandbox that works on this machine: bubblewrap, for root with a user of its own for each run. Otherwise `auto`
 * falls back to such a user alone, or to no sandbox, with a warning that says why; `required` throws. Each is tried, since many
 * containers forbid the namespaces that bubblewrap needs, and other users cannot read files of root.
 */
export async function detectSandbox(options: {
  mode: 'auto' | 'required' | 'off';
  /** Default: `host`. `none` needs bubblewrap, as `required` does. */
  network?: Network;
  logger: Logger;
  /** Folders that scripts must not see: Runlight's data and code. */
  hidden?: readonly string[];
  /** Files and folders that runs read. */
  readOnly?: readonly string[];
  /** Default: `bwrap` on the PATH. */
  bwrapPath?: string;
}): Promise<Sandbox> {
  const { mode, network, logger, readOnly = [] } = options;
  if (mode === 'off') {
    if (network === 'none') throw new Error('SANDBOX_NETWORK=none needs a sandbox: set SANDBOX to auto or required.');
    return noSandbox;
  }
  const users = process.getuid?.() === 0 ? createRunUsers() : undefined;
  const sandbox = bubblewrap({ ...options, users });
  const fault = await probe(sandbox, readOnly);
  if (fault === undefined) return sandbox;
  const withoutUsers = users && bubblewrap(options);
  if (withoutUsers && (await probe(withoutUsers, readOnly)) === undefined) {
    logger.warn(
      { fault },
      `Runs cannot have users of their own: ${fault}. They are isolated, but the kernel does not limit the processes of root: a run can slow this machine down for seconds before it is killed. Start Runlight as another user than root.`,
    );
    return withoutUsers;
  }
  const advice = `Tests cannot be isolated: ${fault}. Install bubblewrap (apt-get install bubblewrap), and in a container allow user namespaces (docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined).`;
  if (network === 'none') throw new Error(`${advice} Or set SANDBOX_NETWORK=host.`);
  if (mode === 'required') throw new Error(`${advice} Or set SANDBOX=auto if you trust everyone who writes tests.`);
  const user = users && separateUser(users);
  const fallback = user && (await probe(user, readOnly)) === undefined ? user : noSandbox;
  const rest =
    fallback === noSandbox
      ? 'Until then scripts run with the rights of this process'
      : 'Until then each run has a user of its own, which can read all files that every user of this machine can read';
  logger.warn({ fault }, `${advice} ${rest}: let only people you trust write tests.`);
  return fallback;
}

/** Why the sandbox does not work here, or undefined. */
async function probe(sandbox: Sandbox, readOnly: readonly string[]): Promise<string | undefined> {
  if (process.platform !== 'linux') return `bubblewrap needs Linux, this is ${process.platform}`;
  const dir = await mkdtemp(path.join(tmpdir(), 'runlight-probe-'));
  try {
    await Promise.all(writableDirs.map((name) => mkdir(path.join(dir, name))));
    const check = `for (const file of ${JSON.stringify(readOnly)}) require('node:fs').accessSync(file, 4)`;
    const { command, args } = sandbox.wrap(process.execPath, ['-e', check], {
      runDir: dir,
      readOnly: [process.execPath, ...readOnly],
    });
    await promisify(execFile)(command, args, { cwd: '/', timeout: 60_000, killSignal: 'SIGKILL' });
    return undefined;
  } catch (error) {
    // 127: the shell's exit code for it.
    const { code, stderr = '' } = error as { code?: string | number; stderr?: string };
    if (code === 'ENOENT' || code === 127) return 'bubblewrap (bwrap) is not installed';
    return `bubblewrap does not work here (${stderr.trim() || errorMessage(error)})`;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
