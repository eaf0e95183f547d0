import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { errorMessage } from '#server/errors.ts';

export interface SandboxOptions {
  /** Seen inside at `inside(runDir)`, read-only but for its `output` and `home`. */
  runDir: string;
  /** Further files and folders, seen at the same path. */
  readOnly: readonly string[];
}

/** Where a run's processes live. */
export interface Sandbox {
  readonly kind: 'bubblewrap' | 'none';
  /** The run's folder as processes inside see it. */
  inside(runDir: string): string;
  /** The command that runs `command` inside, in its `home`. Killing it kills all that it started. */
  wrap(command: string, args: readonly string[], options: SandboxOptions): { command: string; args: string[] };
}

const insideDir = '/runlight';

/** System folders with programs and libraries; not all of `/usr`, since images like to put the application in `/usr/src`. */
const systemDirs = [
  '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32',
  '/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libexec', '/usr/share',
  '/usr/local/bin', '/usr/local/lib', '/usr/local/share',
]; // prettier-ignore

/** What programs read to find names, certificates, fonts and libraries. Nothing here is secret. */
const systemFiles = [
  'alternatives', 'ca-certificates', 'ca-certificates.conf', 'chromium', 'chromium.d', 'crypto-policies', 'fonts', 'group',
  'host.conf', 'hosts', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime', 'mime.types', 'nsswitch.conf', 'opt',
  'passwd', 'pki', 'protocols', 'resolv.conf', 'services', 'ssl',
].map((name) => `/etc/${name}`); // prettier-ignore

/** No boundary but a process group and an environment of its own. */
export const noSandbox: Sandbox = {
  kind: 'none',
  inside: (runDir) => runDir,
  wrap: (command, args) => ({ command, args: [...args] }),
};

/**
 * A read-only system without anybody's files, with its own processes, its own `/tmp` and the machine's network.
 * `hidden` folders are empty inside even where they lie in a system folder.
 */
export function bubblewrap(options: { hidden?: readonly string[]; bwrapPath?: string } = {}): Sandbox {
  const { hidden = [], bwrapPath = 'bwrap' } = options;
  const limits = ['--unshare-all', '--share-net', '--cap-drop', 'ALL', '--die-with-parent', '--new-session'];
  const system = [...systemDirs, ...systemFiles].flatMap((file) => ['--ro-bind-try', file, file]);
  const masks = hidden.filter(isSystem).flatMap((dir) => ['--tmpfs', dir]);
  const fresh = ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', '/run'];
  const base = [...limits, ...system, ...masks, ...fresh];
  return {
    kind: 'bubblewrap',
    inside: () => insideDir,
    wrap(command, args, { runDir, readOnly }) {
      const folder = ['--ro-bind', runDir, insideDir];
      const writable = ['output', 'home'].flatMap((name) => [
        '--bind',
        path.join(runDir, name),
        `${insideDir}/${name}`,
      ]);
      const isHidden = (file: string) => hidden.some((dir) => isWithin(dir, file));
      const given = readOnly
        .filter((file) => !isSystem(file) || isHidden(file))
        .flatMap((file) => ['--ro-bind', file, file]);
      const start = ['--chdir', `${insideDir}/home`, '--', command, ...args];
      return { command: bwrapPath, args: [...base, ...given, ...folder, ...writable, ...start] };
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
 * The sandbox for this machine. `auto` falls back to none, saying why; `required` throws instead.
 * Bubblewrap counts only if it works here: containers often forbid the namespaces that it needs.
 */
export async function detectSandbox(options: {
  mode: 'auto' | 'required' | 'off';
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Folders that scripts must never see: the data of Runlight, its own code. */
  hidden?: readonly string[];
  /** Default: `bwrap` on the PATH. */
  bwrapPath?: string;
}): Promise<Sandbox> {
  const { mode, logger } = options;
  if (mode === 'off') return noSandbox;
  const sandbox = bubblewrap(options);
  const fault = await probe(sandbox);
  if (fault === undefined) return sandbox;
  const advice = `Tests cannot be isolated: ${fault}. Install bubblewrap (apt-get install bubblewrap), and in a container allow user namespaces (docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined).`;
  if (mode === 'required') throw new Error(`${advice} Or set SANDBOX=auto if you trust whoever writes the tests.`);
  logger.warn(
    `${advice} Until then scripts run with the rights of this process: let only people you trust write tests.`,
  );
  return noSandbox;
}

/** Why bubblewrap does not work here, or undefined. */
async function probe(sandbox: Sandbox): Promise<string | undefined> {
  if (process.platform !== 'linux') return `bubblewrap needs Linux, this is ${process.platform}`;
  const dir = await mkdtemp(path.join(tmpdir(), 'runlight-probe-'));
  try {
    await Promise.all([mkdir(path.join(dir, 'output')), mkdir(path.join(dir, 'home'))]);
    const { command, args } = sandbox.wrap(process.execPath, ['-e', '0'], {
      runDir: dir,
      readOnly: [process.execPath],
    });
    await promisify(execFile)(command, args, { timeout: 10_000, killSignal: 'SIGKILL' });
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'bubblewrap (bwrap) is not installed';
    const { stderr = '' } = error as { stderr?: string };
    return `bubblewrap does not work here (${stderr.trim() || errorMessage(error)})`;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
