import { existsSync, readFileSync } from 'node:fs';
import type { RunLimits } from '#server/config/run-limits.ts';

/** A part of util-linux, which every Linux distribution has. */
const prlimit = '/usr/bin/prlimit';

export function hasPrlimit(): boolean {
  return existsSync(prlimit);
}

/**
 * The beginning of a command: the rest of it runs with limits that the kernel enforces for each process. Empty where there is
 * no `prlimit`.
 */
export function prlimitCommand(limits: RunLimits, options: { ownUser: boolean }): string[] {
  if (!hasPrlimit()) return [];
  const { openFiles, fileBytes, memoryBytes, cpuSeconds, processes } = limits;
  return [
    prlimit,
    '--core=0',
    `--nofile=${Math.min(openFiles, hardOpenFiles())}`,
    `--fsize=${fileBytes}`,
    // The supervisor adds up all processes and reports which limit was exceeded. It should be first, and runtimes reserve more
    // memory than they use.
    `--data=${memoryBytes + 1_000_000_000}`,
    `--cpu=${cpuSeconds + 10}`,
    // Counts all threads of the user, so it needs a user of the run's own or a user namespace. Each process of a browser has about
    // 12 threads; all threads of a fork bomb are busy until it is killed, which limits how many there may be.
    ...(options.ownUser ? [`--nproc=${256 + 3 * processes}`] : []),
    '--',
  ];
}

/** The hard limit of this process, which only root may exceed. */
function hardOpenFiles(): number {
  const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(hard ?? Infinity);
}
