import type { ReportRefusal } from '#shared/reports.ts';
import { RefusedError, RunlightError } from '#sdk/client/errors.ts';

/** What an error of a call means for the report. */
export type Meaning =
  /** Another attempt may succeed. */
  | 'transient'
  /** Runlight says how to go on. */
  | 'conflict'
  /** What was sent is too large, or the server does not understand it. */
  | 'unacceptable'
  /** No attempt will succeed. */
  | 'final';

export function meaningOf(error: unknown): Meaning {
  if (!(error instanceof RunlightError)) return 'final';
  // A proxy takes less than Runlight does.
  if (!(error instanceof RefusedError)) return statusOf(error) === 413 ? 'unacceptable' : 'transient';
  if (error.code === 'CONFLICT') return 'conflict';
  if (error.code === 'BAD_REQUEST') return 'unacceptable';
  return error.status >= 500 || error.status === 429 || error.status === 408 ? 'transient' : 'final';
}

/** What Runlight says about how to go on; undefined if it says nothing. */
export function wayOutOf(error: unknown): ReportRefusal | undefined {
  if (!(error instanceof RefusedError)) return undefined;
  return ((error.cause ?? {}) as { data?: { report?: ReportRefusal } }).data?.report;
}

/** What people read of an error: what is wrong, and what to do. */
export function explainRefusal(error: unknown, { url, version }: { url: string; version: string }): string {
  if (!(error instanceof RefusedError)) return error instanceof Error ? error.message : String(error);
  const { code, status, message } = error;
  if (code === 'UNAUTHORIZED' || code === 'FORBIDDEN')
    return `Runlight at ${url} refuses the token: ${sentence(message)} RUNLIGHT_TOKEN must be an API key with the role reporter (Settings, API keys).`;
  // Another version may take other fields.
  if (code === 'BAD_REQUEST')
    return `Runlight at ${url} does not understand this reporter (${version}): ${sentence(message)} Install the package of that Runlight: npm install -D ${url}/runlight.tgz`;
  return status >= 500 ? `Runlight at ${url} is at fault: ${message}` : message;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The HTTP status of an answer, also of one that is not Runlight's. */
function statusOf(error: unknown): number | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { status } = at as { status?: unknown };
    if (typeof status === 'number') return status;
  }
  return undefined;
}
