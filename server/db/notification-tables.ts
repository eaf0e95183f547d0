import type { Generated, GeneratedAlways } from 'kysely';
import type { DeliveryEvent, DeliveryState, NotificationEvent, RuleScope, RuleTarget } from '#shared/notifications.ts';
import type { MissedStartReason } from '#shared/schedule-rules.ts';
import type { Json, NullableTimestamp, Timestamp } from './column-types.ts';

/** `details` is a sentence. */
export interface MissedStart {
  dueAt: string;
  reason: MissedStartReason;
  details: string | null;
}

export interface NotificationRulesTable {
  id: string;
  projectId: string;
  name: string;
  events: Json<NotificationEvent[]>;
  scope: Json<RuleScope>;
  target: Json<RuleTarget>;
  /** Sealed: the key that signs, the webhook's address of Slack or Teams, or the token of GitHub. */
  secret: string | null;
  /** Sealed: the key of a webhook before this one, which signs beside it until `retiresAt`. */
  retiringSecret: string | null;
  retiresAt: NullableTimestamp;
  enabled: Generated<boolean>;
  /** Attempts in a row that failed. */
  failures: Generated<number>;
  /** Of the last of them. */
  lastError: string | null;
  /** Since then it sends nothing, because too many attempts in a row failed. */
  pausedAt: NullableTimestamp;
  /** Of its newest delivery. */
  sequence: Generated<number>;
  /** Which process sends its deliveries, and until when no other does. */
  lease: string | null;
  leasedUntil: NullableTimestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

/** What has happened, until it has become deliveries. */
export interface NotificationEventsTable {
  id: GeneratedAlways<number>;
  projectId: string;
  /** `started`: a run of a commit runs now. `settled`: a run has ended. `failing`: a case has failed while its run goes on. */
  kind: 'started' | 'settled' | 'failing' | 'start_missed';
  runId: string | null;
  jobId: string | null;
  /** Empty for events of runs. */
  details: Json<MissedStart | Record<string, never>>;
  /** That failed. */
  attempts: Generated<number>;
  notBefore: Timestamp;
  createdAt: Timestamp;
}

export interface NotificationDeliveriesTable {
  /** The same in every attempt. */
  id: string;
  projectId: string;
  ruleId: string;
  /** From 1, in the order in which the target gets them. */
  sequence: number;
  /** What it is about: a rule has one delivery of it. */
  key: string;
  event: DeliveryEvent;
  /** A line for lists. */
  summary: string;
  runId: string | null;
  /** What is sent. */
  body: string;
  state: DeliveryState;
  attempts: Generated<number>;
  nextAttemptAt: Timestamp;
  /** Of the last attempt. */
  answerStatus: number | null;
  answerBody: string | null;
  error: string | null;
  createdAt: Timestamp;
  endedAt: NullableTimestamp;
}
