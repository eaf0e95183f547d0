import type { RunErrorCode } from '#shared/run-error-code.ts';
import type { RunLimits } from '#server/config/run-limits.ts';

/** A limit that a run has exceeded, as the run's error. */
export interface Excess {
  code: RunErrorCode;
  details: string;
}

/** Files and folders that a run may hold at once, of any size. */
export const maxFiles = 200_000;

export const excess = {
  memory: ({ memoryBytes }: RunLimits): Excess => ({
    code: 'memory_limit',
    details: `The run used more than ${formatSize(memoryBytes)} of memory (RUN_MAX_MEMORY_MB) and was killed.`,
  }),
  processes: ({ processes }: RunLimits): Excess => ({
    code: 'process_limit',
    details: `The run had more than ${processes} processes at once (RUN_MAX_PROCESSES) and was killed.`,
  }),
  cpu: ({ cpuSeconds }: RunLimits): Excess => ({
    code: 'cpu_limit',
    details: `The run used more than ${cpuSeconds} s of processor time (RUN_MAX_CPU_SECONDS) and was killed.`,
  }),
  disk: ({ diskBytes }: RunLimits): Excess => ({
    code: 'disk_limit',
    details: `The run wrote more than ${formatSize(diskBytes)} to disk (RUN_MAX_DISK_MB), or more than ${maxFiles} files, and was killed.`,
  }),
  output: ({ outputBytes }: RunLimits): Excess => ({
    code: 'output_limit',
    details: `The run printed more than ${formatSize(outputBytes)} (RUN_MAX_OUTPUT_MB) and was killed.`,
  }),
  artifacts: ({ artifactBytes }: RunLimits): Excess => ({
    code: 'artifact_limit',
    details: `The run left more than ${formatSize(artifactBytes)} of files (RUN_MAX_ARTIFACTS_MB). The largest were not stored.`,
  }),
  cases: ({ cases }: RunLimits): Excess => ({
    code: 'case_limit',
    details: `The run has more than ${cases} cases (RUN_MAX_CASES), each counted once in each project, so none of them was run.`,
  }),
  /** Not a resource limit: the run sent forged messages. */
  forgery: {
    code: 'forged_report',
    details:
      'A script wrote into the channel on which Playwright reports. The results of this run cannot be trusted, so it was killed.',
  } as Excess,
} as const;

/** For example `4 GB` or `500 MB`. */
export function formatSize(bytes: number): string {
  return bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`;
}
