import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  parent: number;
  /** What is left waits for somebody to ask how. */
  hasEnded: boolean;
  /** Of the process and of its children that have ended. */
  cpuSeconds: number;
}

/** A jiffy of /proc, on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Every process of the machine; none where there is no /proc. Reads synchronously: about 15 µs for each. */
export function readProcessTable(): ProcessEntry[] {
  return numbersIn('/proc').flatMap((pid) => readEntry(pid) ?? []);
}

/** Longer than any line of `/proc/<pid>/stat`. */
const line = Buffer.alloc(1_024);

/** Without `readFileSync`, which takes three times as long: of a fork bomb, the table is long and our turns are few. */
function readEntry(pid: number): ProcessEntry | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/stat`, 'r');
    const text = line.toString('latin1', 0, readSync(fd, line));
    // The name of the program, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 15);
    const [state, parent] = fields;
    if (parent === undefined) return undefined;
    const cpu = fields.slice(11).reduce((sum, ticks) => sum + Number(ticks), 0);
    // Zombies and the dead.
    const hasEnded = state === 'Z' || state === 'X';
    return { pid, parent: Number(parent), hasEnded, cpuSeconds: cpu / ticksPerSecond };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The children of a process, as long as it lives. */
export function childrenOf(pid: number): number[] {
  const list = readQuietly(`/proc/${pid}/task/${pid}/children`);
  return list.split(' ').filter(Boolean).map(Number);
}

/** Whether a process can still do something. */
export function isRunning(pid: number): boolean {
  return readEntry(pid)?.hasEnded === false;
}

/** The processes that descend from `root`, and itself. */
export function descendantsOf(root: number, table: readonly ProcessEntry[]): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  const found = table.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** The processes that run as this user. */
export function processesOf(uid: number, table: readonly ProcessEntry[]): ProcessEntry[] {
  return table.filter(({ pid }) => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === uid);
}

/** Memory of a process that files do not back, in bytes; 0 when it is gone. */
export function memoryOf(pid: number): number {
  const status = readQuietly(`/proc/${pid}/status`);
  const kilobytes = [...status.matchAll(/^(?:RssAnon|RssShmem|VmSwap):\s+(\d+)/gm)];
  return kilobytes.reduce((sum, [, value]) => sum + Number(value) * 1_024, 0);
}

/** What the files of a process that have no name any more hold, in bytes, by their identity. */
export function deletedFilesOf(pid: number): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const fd of numbersIn(`/proc/${pid}/fd`)) {
    try {
      const { nlink, dev, ino, blocks, mode } = statSync(`/proc/${pid}/fd/${fd}`);
      const isFile = (mode & 0o170_000) === 0o100_000;
      if (isFile && nlink === 0) sizes.set(`${dev}:${ino}`, blocks * 512);
    } catch {
      // Closed in the meantime.
    }
  }
  return sizes;
}

function numbersIn(dir: string): number[] {
  try {
    return readdirSync(dir).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
