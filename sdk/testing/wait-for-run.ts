import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { CallOptions, OutputOf } from '#sdk/client/procedures.ts';
import { deadline } from './deadline.ts';

/** A run, as `runs.byId` answers it. */
export type Run = OutputOf<Runlight['runs']['byId']>;

/** A status of a run, as `runs.onStatus` tells it. */
export type RunStatus = OutputOf<Runlight['runs']['onStatus']>['data']['status'];

export interface WaitOptions extends CallOptions {
  /** In ms; default 10 minutes. */
  timeoutMs?: number;
  /** Called with each new status. */
  onStatus?: (status: RunStatus) => void;
}

/** Resolves to the run once it has ended, however it has. Throws a `RunlightError` with the code `TIMEOUT` after the time given. */
export async function waitForRun(runlight: Runlight, runId: string, options: WaitOptions = {}): Promise<Run> {
  let status: RunStatus | undefined;
  const { signal, clear } = deadline(
    options.timeoutMs ?? 600_000,
    options.signal,
    () => `The run has not ended (${status ?? 'no status came'}, ${runlight.url}/runs/${runId})`,
  );
  try {
    for await (const { data } of runlight.runs.onStatus.stream({ runId }, { signal })) {
      if (data.status === status) continue;
      ({ status } = data);
      options.onStatus?.(data.status);
    }
    return await runlight.runs.byId.query({ runId }, { signal });
  } finally {
    clear();
  }
}
