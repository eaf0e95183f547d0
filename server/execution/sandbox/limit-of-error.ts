import type { RunLimits } from '#server/config/run-limits.ts';
import { type Excess, formatSize } from './excess.ts';

/** The limit that made a system call of a test fail, if the test's error names such a failure. */
export function limitOfError(message: string, limits: RunLimits): Excess | undefined {
  const { fileBytes, openFiles, processes } = limits;
  if (/\bEFBIG\b/.test(message))
    return { code: 'file_size_limit', details: `A file may have at most ${formatSize(fileBytes)} (RUN_MAX_FILE_MB).` };
  if (/\b(EMFILE|ENFILE)\b/.test(message))
    return {
      code: 'open_files_limit',
      details: `A process may have at most ${openFiles} open files (RUN_MAX_OPEN_FILES).`,
    };
  if (/\b(spawn|fork)\b.* EAGAIN\b/.test(message))
    return {
      code: 'process_limit',
      details: `The run may have at most ${processes} processes at once (RUN_MAX_PROCESSES).`,
    };
  return undefined;
}
