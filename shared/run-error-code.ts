import { z } from 'zod';

/** Why a run has the status that it has, where the status alone does not say it. README.md explains each to people. */
export const runErrorCode = z.enum([
  // The script.
  'script_error',
  'script_crashed',
  'no_tests',
  'no_browser',
  'forged_report',
  // A limit. The run ends at once, or its tests fail with the system's own error, as with files that are too large.
  'run_timeout',
  'out_of_memory',
  'memory_limit',
  'process_limit',
  'cpu_limit',
  'disk_limit',
  'file_size_limit',
  'open_files_limit',
  'output_limit',
  'artifact_limit',
  // Runlight, its worker or its surroundings.
  'worker_lost',
  'worker_stopped',
  'runner_crashed',
  'execution_failed',
  'variables_unreadable',
  'unclear',
]);
export type RunErrorCode = z.infer<typeof runErrorCode>;
