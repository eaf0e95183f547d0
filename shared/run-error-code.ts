import { z } from 'zod';

/** The reason for a run's status, where the status alone does not say it. README.md explains each code. */
export const runErrorCode = z.enum([
  // Problems of the script.
  'script_error',
  'script_crashed',
  'no_tests',
  'no_browser',
  'forged_report',
  // Problems of a suite.
  'fetch_failed',
  'install_failed',
  'bundle_gone',
  'port_taken',
  // Limits. The run ends at once, or its tests fail with an error of the system, as with files that are too large.
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
  'case_limit',
  // Problems of Runlight, its worker or its environment.
  'worker_lost',
  'worker_stopped',
  'runner_crashed',
  'execution_failed',
  'variables_unreadable',
  'unclear',
  // Problems of a reported run.
  'reporter_lost',
  'parts_missing',
]);
export type RunErrorCode = z.infer<typeof runErrorCode>;
