import type { ReportEntry } from '#shared/reports.ts';
import type { RunErrorCode } from '#shared/run-error-code.ts';
import { defaultLimits, type RunLimits } from '#server/config/run-limits.ts';
import { shutdownReason } from '#server/execution/playwright/execute-playwright.ts';
import { createRedaction, type Redaction } from '#server/execution/playwright/redaction.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';
import type { Sandbox } from '#server/execution/sandbox/sandbox.ts';
import type { Supervisor } from '#server/execution/sandbox/supervisor.ts';
import type { TestVariables } from '#server/variables/queries.ts';
import { EntrySink } from './entry-sink.ts';
import type { SuiteContext } from './run-program.ts';
import { outcome, outcomeOfStop, type SuiteOutcome } from './suite-outcome.ts';
import { SuiteOutput } from './suite-output.ts';
import { SuiteFault, SuiteStopped } from './suite-stop.ts';

export interface ContextOptions {
  runId: string;
  sandbox: Sandbox;
  supervisor: Supervisor;
  limits?: Partial<RunLimits>;
  /** Of all: unpacking, installing, running. */
  timeoutMs: number;
  /** With `shutdownReason` the worker stops, with a `SuiteStopped` it says why, with any other reason the run was cancelled. */
  signal: AbortSignal;
  /** Stores entries of the part. Called in order, one call after the other. A rejection ends the suite. */
  onEntries: (entries: ReportEntry[]) => Promise<void>;
  /** The environment of scripts. */
  env: Record<string, string>;
  variables?: TestVariables;
}

/** What the programs of a part need. */
export interface SuiteWork {
  context: SuiteContext;
  sink: EntrySink;
  redaction: Redaction;
}

/**
 * Does work of a part of a suite's run by programs in the sandbox, with its limits and its log. A fault of the suite ends it with the
 * code. Rejects only if the worker's own folders fail, or `onEntries`.
 */
export async function inSuiteContext(
  options: ContextOptions,
  faultCode: RunErrorCode,
  work: (parts: SuiteWork) => Promise<SuiteOutcome>,
): Promise<SuiteOutcome> {
  const { signal, timeoutMs } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const stop = new AbortController();
  const onExceeded = (found: Excess) => stop.abort(new SuiteStopped(found));
  const onAbort = () => stop.abort(stopOf(signal.reason));
  const timer = setTimeout(() => stop.abort(new SuiteStopped('timed_out')), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const redaction = createRedaction(options.variables?.secrets ?? []);
  const sink = new EntrySink(async (entries) => {
    try {
      await options.onEntries(entries);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  }, redaction);
  const context: SuiteContext = {
    ...options,
    limits,
    signal: stop.signal,
    onExceeded,
    output: new SuiteOutput(sink, limits, onExceeded),
    env: { ...options.env, CI: '1' },
  };
  try {
    return await work({ context, sink, redaction });
  } catch (error) {
    // What stopped the suite is the reason for all that failed afterwards.
    const cause: unknown = stop.signal.aborted ? stop.signal.reason : error;
    if (cause instanceof SuiteStopped) return outcomeOfStop(cause.why, timeoutMs);
    if (cause instanceof SuiteFault) return outcome('failed', faultCode, redaction.redact(cause.message));
    throw cause;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function stopOf(reason: unknown): SuiteStopped {
  return reason instanceof SuiteStopped
    ? reason
    : new SuiteStopped(reason === shutdownReason ? 'shutdown' : 'cancelled');
}
