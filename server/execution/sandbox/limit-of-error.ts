import type { RunLimits } from '#server/config/run-limits.ts';
import { type Excess, formatSize } from './excess.ts';

/** The limit because of which the operating system refused a call; undefined for any other error of a call. */
export function limitOfError(error: { code: string; syscall: string }, limits: RunLimits): Excess | undefined {
  const { fileBytes, openFiles, processes } = limits;
  switch (error.code) {
    case 'EFBIG':
      return {
        code: 'file_size_limit',
        details: `A file may have at most ${formatSize(fileBytes)} (RUN_MAX_FILE_MB).`,
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        code: 'open_files_limit',
        details: `A process may have at most ${openFiles} open files (RUN_MAX_OPEN_FILES).`,
      };
    case 'EAGAIN':
      // Also what reading without waiting fails with.
      return error.syscall.startsWith('spawn')
        ? {
            code: 'process_limit',
            details: `The run may have at most ${processes} processes at once (RUN_MAX_PROCESSES).`,
          }
        : undefined;
    default:
      return undefined;
  }
}
