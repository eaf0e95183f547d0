import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { RunModel } from '#sdk/cli/model/run-model.ts';
import type { RunView } from './run-view.ts';

export interface FollowedRun {
  /** As it has ended. */
  run: Run;
  model: RunModel;
}

/** Shows a run until it is over, from its begin on. Rejects with the reason of the signal. */
export async function followRun(
  runlight: Runlight,
  run: Run,
  { view, signal }: { view: RunView; signal: AbortSignal },
): Promise<FollowedRun> {
  const model = new RunModel(run);
  view.begin(model);
  const input = { runId: run.id, ...(view.types && { types: view.types }) };
  for await (const { data } of runlight.runs.onEvents.stream(input, { signal })) view.show(data, model.apply(data));
  model.settle();
  return { run: await runlight.runs.byId.query({ runId: run.id }, { signal }), model };
}
