import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '#server/auth/authenticator.ts';
import type { Caller } from '#server/identity/caller.ts';
import { AppError } from '#server/lib/errors.ts';
import { runNotFound } from '#server/runs/queries.ts';
import type { RunReads } from '#server/runs/reads.ts';
import type { RunRow } from '#server/runs/run-state.ts';

/** The run of a request and its caller, in the run's project. Throws UNAUTHORIZED, and NOT_FOUND also for a run of another project. */
export async function callerOfRun(
  { authenticator, runReads }: { authenticator: Authenticator; runReads: RunReads },
  req: IncomingMessage,
  runId: string,
): Promise<{ caller: Caller; run: RunRow }> {
  const run = isId(runId) ? await runReads.byId(runId) : undefined;
  try {
    const caller = await authenticator.authenticate(req, run?.projectId);
    return run ? { caller, run } : runNotFound(runId);
  } catch (error) {
    // Callers of other projects do not learn that the run exists.
    if (run && error instanceof AppError && error.code === 'NOT_FOUND') runNotFound(runId);
    throw error;
  }
}

function isId(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}
