import { z } from 'zod';
import { cursor, id, limit, nameOf } from './inputs.ts';

/** Rules per project. */
export const maxRules = 50;

/**
 * Events that a rule can have. `failed`: a run failed, timed out or ended with an error. `newly_failing`: cases failed that did not
 * fail before. `recovered`: a run passed, and the one before did not. `lost`: the worker or reporter of a run was lost.
 * `always`: every run that ends.
 */
export const notificationEvents = [
  'failed',
  'newly_failing',
  'recovered',
  'flaky',
  'lost',
  'start_missed',
  'always',
] as const;
export type NotificationEvent = (typeof notificationEvents)[number];

export const targetKinds = ['webhook', 'slack', 'teams', 'email', 'github'] as const;
export type TargetKind = (typeof targetKinds)[number];

/** The runs and jobs that a rule applies to. In a branch, `*` stands for any text. */
const scope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('test'), testId: id }),
  z.object({ kind: z.literal('job'), jobId: id }),
  z.object({ kind: z.literal('suite'), suiteId: id }),
  z.object({ kind: z.literal('branch'), branch: nameOf(300) }),
]);
export type RuleScope = z.infer<typeof scope>;

const address = z
  .string()
  .trim()
  .max(2_000, 'must have at most 2,000 characters')
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'must be an http:// or https:// address');

const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('webhook'), url: address }),
  z.object({ kind: z.literal('slack') }),
  z.object({ kind: z.literal('teams') }),
  z.object({
    kind: z.literal('email'),
    to: z
      .array(z.email('must be e-mail addresses, such as team@example.com'))
      .min(1, 'must name at least one address')
      .max(20, 'must name at most 20 addresses'),
  }),
  z.object({
    kind: z.literal('github'),
    repository: z
      .string()
      .trim()
      .regex(/^[\w.-]{1,100}\/(?!\.\.?$)[\w.-]{1,100}$/, 'must be owner/name'),
    /** A comment in the pull request, from the first failure on. */
    comment: z.boolean(),
  }),
]);
export type RuleTarget = z.infer<typeof target>;

const content = {
  name: nameOf(100),
  events: z
    .array(z.enum(notificationEvents))
    .min(1, 'must have at least one event')
    .transform((events) => notificationEvents.filter((event) => events.includes(event))),
  scope,
  target,
};

/** The webhook's address of Slack or Teams, or the token of GitHub. */
const secret = z.string().trim().min(1, 'must not be empty').max(2_000, 'must have at most 2,000 characters');

export const notificationInputs = {
  create: z.object({ ...content, secret: secret.optional() }),
  update: z.object({
    ruleId: id,
    name: content.name.optional(),
    events: content.events.optional(),
    scope: scope.optional(),
    target: target.optional(),
    /** Undefined: the one that it has. */
    secret: secret.optional(),
    /** False: it sends nothing, and what waits is cancelled. */
    enabled: z.boolean().optional(),
  }),
  byId: z.object({ ruleId: id }),
  /** Of one rule, or of all. */
  deliveries: z.object({ ruleId: id.optional(), cursor, limit }).prefault({}),
  redeliver: z.object({ deliveryId: id }),
};

/** Where a delivery stands. `failed`: refused for good. `cancelled`: its rule was disabled, or too many waited. */
export const deliveryStates = ['waiting', 'delivered', 'failed', 'cancelled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** Rules choose among `NotificationEvent`s. GitHub also gets `started` and `failing`. */
export type DeliveryEvent = NotificationEvent | 'started' | 'failing' | 'test';

/** What a target answered to a message. */
export interface TargetAnswer {
  ok: boolean;
  /** Of HTTP. Null: there was none. */
  status: number | null;
  /** Cut short. */
  body: string | null;
  /** Why it counts as a failure, and the way out. */
  error: string | null;
}
