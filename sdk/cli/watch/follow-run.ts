import { isFailure } from '#shared/run-status.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { RunModel } from '#sdk/cli/model/run-model.ts';
import type { RunView } from './run-view.ts';

export interface FollowedRun {
  /** As it has ended. */
  run: Run;
  model: RunModel;
  /** The commands that run again what failed, where it is not run by Runlight. */
  again: string[];
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
  const ended = await runlight.runs.byId.query({ runId: run.id }, { signal });
  return { run: ended, model, again: await findCommands(runlight, ended, signal) };
}

async function findCommands(runlight: Runlight, { id, origin, status }: Run, signal: AbortSignal): Promise<string[]> {
  if (origin !== 'reporter' || !isFailure(status)) return [];
  const { cases, commands } = await runlight.runs.retryCommand.query({ runId: id }, { signal });
  return cases === 0 ? [] : commands.map(({ command }) => command);
}
