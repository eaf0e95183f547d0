import { existsSync, readFileSync } from 'node:fs';
import type { RunErrorCode } from '#shared/run-error-code.ts';
import type { RunLimits } from '#server/config/run-limits.ts';

/** A limit that was hit. */
export interface Excess {
  code: RunErrorCode;
  /** For people: what was too much, and how much is allowed. */
  details: string;
}

/** Directories and files that a run may hold at once, whatever their size. */
export const maxFiles = 200_000;

export const excess = {
  memory: ({ memoryBytes }: RunLimits): Excess => ({
    code: 'memory_limit',
    details: `The run used more than ${size(memoryBytes)} of memory and was ended.`,
  }),
  processes: ({ processes }: RunLimits): Excess => ({
    code: 'process_limit',
    details: `The run had more than ${processes} processes at once and was ended.`,
  }),
  cpu: ({ cpuSeconds }: RunLimits): Excess => ({
    code: 'cpu_limit',
    details: `The run used more than ${cpuSeconds} s of processor time and was ended.`,
  }),
  disk: ({ diskBytes }: RunLimits): Excess => ({
    code: 'disk_limit',
    details: `The run wrote more than ${size(diskBytes)} to disk, or more than ${maxFiles} files, and was ended.`,
  }),
  output: ({ outputBytes }: RunLimits): Excess => ({
    code: 'output_limit',
    details: `The run printed more than ${size(outputBytes)} and was ended.`,
  }),
  artifacts: ({ artifactBytes }: RunLimits): Excess => ({
    code: 'artifact_limit',
    details: `The run left more than ${size(artifactBytes)} of files; the largest were not kept.`,
  }),
  /** No limit but that of patience. */
  forgery: {
    code: 'forged_report',
    details:
      'A script wrote into the channel on which Playwright reports. Nothing that this run says can be trusted, so it was ended.',
  } as Excess,
} as const;

/** The limit that a system error in the text of a test's error speaks of. */
export function findLimitInError(message: string, limits: RunLimits): Excess | undefined {
  if (/\bEFBIG\b/.test(message))
    return { code: 'file_size_limit', details: `A file may have at most ${size(limits.fileBytes)}.` };
  if (/\b(EMFILE|ENFILE)\b/.test(message))
    return { code: 'open_files_limit', details: `A process may have at most ${limits.openFiles} open files.` };
  if (/\b(spawn|fork)\b.* EAGAIN\b/.test(message))
    return { code: 'process_limit', details: `The run may have at most ${limits.processes} processes at once.` };
  return undefined;
}

const prlimit = '/usr/bin/prlimit';

/** Whether the kernel can be told the limits of a process. */
export function hasProcessLimits(): boolean {
  return existsSync(prlimit);
}

/**
 * The beginning of a command: what the kernel enforces for each process by itself. Empty where there is no `prlimit`, which
 * every Linux distribution has (util-linux).
 */
export function processLimits(limits: RunLimits, options: { ownUser: boolean }): string[] {
  if (!hasProcessLimits()) return [];
  const { openFiles, fileBytes, memoryBytes, cpuSeconds, processes } = limits;
  return [
    prlimit,
    '--core=0',
    `--nofile=${Math.min(openFiles, hardOpenFiles())}`,
    `--fsize=${fileBytes}`,
    // The supervisor, which sees the run as a whole and says why it ends it, comes first. Runtimes reserve more than they use.
    `--data=${memoryBytes + 1_000_000_000}`,
    `--cpu=${cpuSeconds + 10}`,
    // Counts threads, and all of a user's: right only where the run is alone under its user, or in a user namespace of its own.
    // A browser has about 12 for each process. A fork bomb keeps as many busy until it is ended, so there are not more.
    ...(options.ownUser ? [`--nproc=${256 + 3 * processes}`] : []),
    '--',
  ];
}

/** Our own limit, which only root may exceed. */
function hardOpenFiles(): number {
  const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(hard ?? Infinity);
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`;
}
