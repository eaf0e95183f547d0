import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RunLimits } from '#server/config/run-limits.ts';
import type { Excess } from './excess.ts';
import { awaitEnd, killProcessesOfRun, killProcessGroup, killUser } from './kill-processes.ts';
import type { Mount } from './mount.ts';
import { prlimitCommand } from './prlimit.ts';
import { type Sandbox, writableDirs } from './sandbox.ts';
import type { Supervisor } from './supervisor.ts';

export interface ProcessOptions {
  runId: string;
  runDir: string;
  sandbox: Sandbox;
  supervisor: Supervisor;
  limits: RunLimits;
  /** Program and arguments, as they are inside. The working directory is `home`. */
  command: readonly [string, ...string[]];
  env: Record<string, string>;
  stdio: readonly ('ignore' | 'pipe' | 'ipc' | number)[];
  /** Files and folders that its processes read, besides Node. */
  readOnly: readonly string[];
  mounts?: readonly Mount[];
  /** A limit was exceeded. Called at most once, before everything is killed. */
  onExceeded: (excess: Excess) => void;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why the program could not be started. */
  cause?: string;
}

/** A program of a run and all that it starts. */
export interface SandboxedProcess extends Disposable {
  child: ChildProcess;
  /** Kills everything. */
  kill(): void;
  /** Resolves when the program and all that it has started have ended: what goes on after the program is killed. */
  ended: Promise<Exit>;
}

/** Starts a program of a run in its sandbox, with the run's limits. Disposing ends the supervision, not the program. */
export function startProcess(options: ProcessOptions): SandboxedProcess {
  const { runId, runDir, sandbox, limits, stdio } = options;
  const limit = prlimitCommand(limits, { ownUser: sandbox.kind !== 'none' });
  const [program, ...rest] = [...limit, ...options.command];
  const { command, args, uid } = sandbox.wrap(program!, rest, {
    runDir,
    readOnly: [process.execPath, ...options.readOnly],
    mounts: options.mounts,
    ...(sandbox.kind === 'bubblewrap' && { infoFd: stdio.length }),
  });
  const child = spawn(command, args, {
    cwd: path.join(runDir, 'home'),
    env: options.env,
    stdio: [...stdio, ...(sandbox.kind === 'bubblewrap' ? (['pipe'] as const) : [])],
    detached: true,
  });
  const over = exitOf(child);
  const first = sandbox.kind === 'bubblewrap' ? firstProcess(child.stdio[stdio.length] as Readable) : undefined;
  const kill = () => void (child.pid !== undefined && killProcessGroup(child.pid));
  const watch = options.supervisor.watch({
    scope: uid === undefined ? { root: child.pid ?? 0 } : { uid },
    dirs: writableDirs.map((name) => path.join(runDir, name)),
    limits,
    onExceeded(excess) {
      options.onExceeded(excess);
      kill();
    },
  });

  async function end(): Promise<Exit> {
    const exit = await over;
    // Processes that it has started would keep pipes open, and could still write files.
    kill();
    if (uid !== undefined) await killUser(uid);
    else if (sandbox.kind === 'none') await killProcessesOfRun(runId);
    const pid = await first;
    if (pid !== undefined) await awaitEnd(pid);
    return exit;
  }
  return { child, kill, ended: end(), [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

/** The first process of the namespace, as bubblewrap says; undefined if it has none. If bubblewrap is killed meanwhile, its JSON has no end. */
export async function firstProcess(info: Readable): Promise<number | undefined> {
  const said = await text(info).catch(() => '');
  const pid = /"child-pid": (\d+)/.exec(said)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, cause: error.message });
    });
  });
}
