import type { DeliveryEvent } from '#shared/notifications.ts';
import type { NotificationPayload } from '#shared/notification-payload.ts';
import { firstLine } from '#server/runs/run-state.ts';
import type { RunFacts } from './run-facts.ts';

type Type = NotificationPayload['type'];
type Data = NotificationPayload['data'];

/** What all messages of one delivery have in common. */
export type Envelope = Pick<NotificationPayload, 'id' | 'sequence' | 'rule' | 'project'> & {
  /** The one that matters most first. */
  events: readonly [DeliveryEvent, ...DeliveryEvent[]];
};

/** The message as programs get it; all others are made of it. */
export function toPayload(
  { events, ...envelope }: Envelope,
  timestamp: string,
  data: Partial<Data>,
): NotificationPayload {
  return {
    version: 1,
    ...envelope,
    type: typeOf(events[0]),
    events: [...events],
    timestamp,
    data: { run: null, missedStart: null, ...data },
  };
}

function typeOf(event: DeliveryEvent): Type {
  switch (event) {
    case 'test':
      return 'test';
    case 'start_missed':
      return 'job.start_missed';
    case 'always':
      return 'run.ended';
    default:
      return `run.${event}`;
  }
}

/** `address`: where people open Runlight. */
export function toRunPayload({ run, failures }: RunFacts, address: string): NonNullable<Data['run']> {
  const url = `${address}/runs/${run.id}`;
  return {
    id: run.id,
    url,
    name: run.name,
    kind: run.kind,
    status: run.status,
    testId: run.testId,
    jobId: run.jobId,
    suiteId: run.suiteId,
    trigger: run.trigger,
    triggeredBy: run.triggeredBy,
    branch: run.branch,
    commitSha: run.commitSha,
    commitMessage: run.commitMessage,
    author: run.author,
    pullRequest: run.pullRequest,
    buildUrl: run.buildUrl,
    queuedAt: run.queuedAt,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    durationMs: run.durationMs,
    total: run.total,
    passed: run.passed,
    failed: run.failed,
    skipped: run.skipped,
    notRun: run.notRun,
    flaky: run.flaky,
    quarantined: run.quarantined,
    errorCode: run.errorCode,
    errorDetails: firstLine(run.errorDetails),
    failures: failures.map(({ index, ...failure }) => ({ ...failure, url: `${url}?case=${index}` })),
  };
}
