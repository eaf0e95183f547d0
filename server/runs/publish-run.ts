import { activityChannel, jobChannels, runCasesChannel, runEventsChannel, testChannels } from '#shared/channels.ts';
import type { RunEvent } from '#shared/events.ts';
import type { CaseChanges, CaseState, PartState } from '#shared/run-cases.ts';
import { isTerminal } from '#shared/run-status.ts';
import type { BusMessage } from '#server/bus/bus.ts';
import { busMessage } from '#server/live/publisher.ts';
import type { RunWriter } from './commit-run.ts';
import { type RunRow, toJobStatus, toRunSummary, toTestStatus } from './run-state.ts';

export interface CommittedRun {
  run: RunRow;
  /** The new log entries. */
  log: readonly RunEvent[];
  /** The state of the run has changed too, not only its log. */
  visible: boolean;
  /** Of the changed cases. */
  states: readonly CaseState[];
  /** If one of them has changed. */
  parts: PartState[] | undefined;
  /** There may be a notification of it. */
  noted?: boolean;
}

/** Publishes a change once its transaction is committed. */
export function publishRun(
  { publisher, queueStats, notifier }: Omit<RunWriter, 'db'>,
  { run, log, visible, states, parts, noted }: CommittedRun,
): void {
  publisher.publish([
    ...log.map((event) => busMessage(runEventsChannel(run.id), event)),
    ...(visible ? [busMessage(runCasesChannel(run.id), toCaseChanges(run, states, parts)), ...stateMessages(run)] : []),
  ]);
  if (log.some(({ type }) => type === 'status')) queueStats.changed();
  if (noted) notifier.wake();
}

function toCaseChanges(run: RunRow, states: readonly CaseState[], parts: PartState[] | undefined): CaseChanges {
  const { version, status, total, passed, failed, skipped, flaky, notRun, quarantined } = run;
  const counts = { total, passed, failed, skipped, flaky, notRun, quarantined };
  // A case may have changed more than once.
  const newest = new Map(states.map((state) => [state[0], state]));
  return { version, status, counts, parts, cases: [...newest.values()] };
}

/** The new state of a run, for the channels of the run, of its test and of its project. */
function stateMessages(run: RunRow): BusMessage[] {
  const channel = isTerminal(run.status) ? 'complete' : 'status';
  return [
    busMessage(jobChannels(run.id)[channel], toJobStatus(run)),
    ...(run.testId ? [busMessage(testChannels(run.testId)[channel], toTestStatus(run))] : []),
    busMessage(activityChannel(run.projectId), toRunSummary(run)),
  ];
}
