import type { RunErrorCode } from '#shared/run-error-code.ts';
import type { RunStatus } from '#shared/run-status.ts';

/** How a part ended. */
export interface PartEnd {
  status: RunStatus;
  code: RunErrorCode | null;
  /** The reason, for people; null where the cases show it. */
  details: string | null;
}

export interface EndedPart extends PartEnd {
  part: number;
  executor: string | null;
}

/** The run gets the first of these statuses that one of its parts has. */
const bySeverity = ['cancelled', 'error', 'timed_out', 'failed', 'passed'] as const satisfies readonly RunStatus[];

/** The end of a run, once its parts have ended. `isCancelled`: the run was cancelled, so other parts never began or were stopped. */
export function decideRun(parts: readonly EndedPart[], isCancelled: boolean): PartEnd {
  const status = isCancelled
    ? 'cancelled'
    : (bySeverity.find((it) => parts.some((part) => part.status === it)) ?? 'error');
  const cause = parts.find((it) => it.status === status && it.details !== null) ?? parts.find((it) => it.code !== null);
  if (!cause || status === 'passed') return { status, code: null, details: null };
  const { part, executor, code, details } = cause;
  const where = parts.length > 1 ? `Part ${part + 1}${executor === null ? '' : ` (${executor})`}: ` : '';
  return { status, code, details: details === null ? null : `${where}${details}` };
}

/** The results of a part by Playwright and by its cases when its reporter finishes it. */
export interface FinishedPart {
  playwright: 'passed' | 'failed' | 'timedout' | 'interrupted';
  /** An error outside of cases. */
  error: string | null;
  isCancelled: boolean;
  /** Failed cases that are not in quarantine, and those that are. */
  failed: number;
  quarantined: number;
}

export function decidePart({ playwright, error, isCancelled, failed, quarantined }: FinishedPart): PartEnd {
  const plain = (status: RunStatus): PartEnd => ({ status, code: null, details: null });
  if (playwright === 'interrupted' && isCancelled) return plain('cancelled');
  if (error !== null) return { status: 'error', code: 'script_error', details: error };
  switch (playwright) {
    case 'interrupted':
      return {
        status: 'error',
        code: null,
        details: 'Playwright was interrupted on its machine. The run was not cancelled in Runlight.',
      };
    case 'timedout':
      return {
        status: 'timed_out',
        code: 'run_timeout',
        details: 'Playwright stopped since its globalTimeout was over.',
      };
    case 'failed':
      if (failed > 0) return plain('failed');
      if (quarantined > 0) return plain('passed');
      return { status: 'failed', code: null, details: 'Playwright says that the run failed, though no case did.' };
    case 'passed':
      return plain(failed > 0 ? 'failed' : 'passed');
  }
}
