import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import type { RunLimits } from '#server/config/run-limits.ts';
import { excess, type Excess, maxFiles } from './run-limits.ts';
import {
  deletedFilesOf,
  descendantsOf,
  memoryOf,
  type ProcessEntry,
  processesOf,
  readProcessTable,
} from './process-table.ts';
import { createSessionPriority } from './session-priority.ts';

/** Between looks at the processes, in ms. */
const processesMs = 200;
/** Between looks at the disk, in ms. */
const diskMs = 1_000;

export interface Supervised {
  /** Every process of the run descends from this one, or runs as this user, whom it has for itself. */
  scope: { root: number } | { uid: number };
  /** All that it may write to. */
  dirs: readonly string[];
  limits: RunLimits;
  /** Called at most once. */
  onExceeded(excess: Excess): void;
}

export interface Supervisor extends Disposable {
  /** Watches a run until what is returned is disposed of, or a limit is hit. */
  watch(run: Supervised): Disposable;
}

/**
 * Adds up what the processes of each run take, and tells when that is too much. One look at the machine's processes serves all
 * runs. Without /proc, only what is written to disk is watched.
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
  function look(): void {
    const table = readProcessTable();
    const isDiskDue = disk === undefined && performance.now() - lastDisk >= diskMs;
    const disks: Promise<void>[] = [];
    for (const run of runs) {
      const { scope, limits } = run;
      const own = 'uid' in scope ? processesOf(scope.uid, table) : descendantsOf(scope.root, table);
      const cpu = own.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
      // A fork bomb leaves us little time: first what takes none.
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
      timer ??= setInterval(look, processesMs);
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

/** What cannot be looked into for any other reason, such as a path that is too long, hides something. */
const isGone = (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR';

function ignoreGone(error: NodeJS.ErrnoException): number {
  if (isGone(error)) return 0;
  throw error;
}
