import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import type { RunLimits } from '#server/config/run-limits.ts';
import { excess, type Excess, maxFiles } from './excess.ts';
import {
  deletedFilesOf,
  descendantsOf,
  memoryOf,
  type ProcessEntry,
  processIdsByUser,
  readProcesses,
  readProcessTable,
} from './process-table.ts';
import { createSessionPriority } from './session-priority.ts';

/** Between checks of the processes, in ms. */
const processesMs = 200;
/** Between checks of the disk, in ms. */
const diskMs = 1_000;

export interface Supervised {
  /** The processes of the run: all descendants of `root`, or all processes of a user that only this run has. */
  scope: { root: number } | { uid: number };
  /** The folders to which the run may write. */
  dirs: readonly string[];
  limits: RunLimits;
  /** Called at most once. */
  onExceeded(excess: Excess): void;
}

export interface Supervisor extends Disposable {
  /** Watches a run until the returned object is disposed of, or a limit is exceeded. */
  watch(run: Supervised): Disposable;
}

/**
 * Adds up the resources of all processes of each run, and reports runs that exceed their limits. Processes are looked for
 * once for all runs. Without /proc, only the disk is checked.
 */
export function createSupervisor(): Supervisor {
  const runs = new Set<Supervised>();
  const priority = createSessionPriority();
  let timer: NodeJS.Timeout | undefined;

  function end(run: Supervised, found: Excess): void {
    if (runs.delete(run)) run.onExceeded(found);
  }

  async function checkDisk(run: Supervised, processes: readonly ProcessEntry[]): Promise<void> {
    if (!(await isWithin(run, processes))) end(run, excess.disk(run.limits));
  }

  let lastDisk = 0;
  let disk: Promise<void> | undefined;
  function check(): void {
    const all = [...runs];
    const table = all.some(({ scope }) => 'root' in scope) ? readProcessTable() : [];
    const byUser = all.some(({ scope }) => 'uid' in scope) ? processIdsByUser() : new Map<number, number[]>();
    const isDiskDue = disk === undefined && performance.now() - lastDisk >= diskMs;
    const disks: Promise<void>[] = [];
    for (const run of all) {
      const { scope, limits } = run;
      const own = 'uid' in scope ? readProcesses(byUser.get(scope.uid) ?? []) : descendantsOf(scope.root, table);
      const cpu = own.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
      // A fork bomb leaves this process little time, so the fastest check comes first.
      if (own.length > limits.processes) end(run, excess.processes(limits));
      else if (own.reduce((sum, { pid }) => sum + memoryOf(pid), 0) > limits.memoryBytes)
        end(run, excess.memory(limits));
      else if (cpu > limits.cpuSeconds) end(run, excess.cpu(limits));
      else if (isDiskDue) disks.push(checkDisk(run, own));
    }
    if (!isDiskDue) return;
    lastDisk = performance.now();
    disk = Promise.all(disks).then(() => void (disk = undefined));
  }

  return {
    watch(run) {
      runs.add(run);
      priority.raise();
      timer ??= setInterval(check, processesMs);
      return {
        [Symbol.dispose]() {
          runs.delete(run);
          if (runs.size > 0) return;
          priority.restore();
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
    [Symbol.dispose]() {
      runs.clear();
      priority.restore();
      clearInterval(timer);
    },
  };
}

async function isWithin({ dirs, limits }: Supervised, processes: readonly ProcessEntry[]): Promise<boolean> {
  const deleted = new Map(processes.flatMap(({ pid }) => [...deletedFilesOf(pid)]));
  let bytes = [...deleted.values()].reduce((sum, size) => sum + size, 0);
  let files = 0;
  const visit = async (dir: string): Promise<boolean> => {
    for await (const entry of await opendir(dir)) {
      const file = path.join(dir, entry.name);
      files += 1;
      bytes += await lstat(file).then(({ blocks }) => blocks * 512, ignoreGone);
      if (files > maxFiles || bytes > limits.diskBytes) return false;
      if (entry.isDirectory() && !(await visit(file).catch(isGone))) return false;
    }
    return true;
  };
  for (const dir of dirs) if (!(await visit(dir).catch(isGone))) return false;
  return bytes <= limits.diskBytes;
}

/** Any other error, such as that of a path that is too long, counts as exceeding the limit: the folder could hide files. */
const isGone = (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR';

function ignoreGone(error: NodeJS.ErrnoException): number {
  if (isGone(error)) return 0;
  throw error;
}
