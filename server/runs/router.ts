import { jobChannels, runEventsChannel } from '#shared/channels.ts';
import type { JobStatusEvent } from '#shared/events.ts';
import { runInputs } from '#shared/inputs.ts';
import { isTerminal } from '#shared/run-status.ts';
import { actorOf } from '#server/identity/actor.ts';
import { followDeltas } from '#server/live/follow-deltas.ts';
import { followLog } from '#server/live/follow-log.ts';
import { followState } from '#server/live/follow-state.ts';
import type { Hub } from '#server/live/hub.ts';
import { memoize } from '#server/live/memoize.ts';
import type { Context } from '#server/trpc/context.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { cancelRun } from './cancel-run.ts';
import { findAttemptSteps } from './attempt-steps.ts';
import { caseDeltas, caseDeltasChannel } from './case-reads.ts';
import { findCaseIndex, getCase, listCases } from './cases.ts';
import { findCaseTimes } from './case-times.ts';
import { compareRun } from './compare-run.ts';
import { findErrorGroups } from './error-groups.ts';
import { findFirstFailures } from './first-failures.ts';
import {
  caseForGuests,
  changesForGuests,
  entryForGuests,
  errorsForGuests,
  runForGuests,
  statusForGuests,
  windowForGuests,
} from './guest-view.ts';
import { isWanted } from './log-reads.ts';
import { findLogWindow } from './log-window.ts';
import { getManifest } from './manifest.ts';
import { getRunDetails, listRuns, runNotFound } from './queries.ts';
import type { RunReads } from './reads.ts';
import { getRetryCommands } from './retry-command.ts';
import { retryRun } from './retry-run.ts';
import { toJobStatus } from './run-state.ts';
import type { RunStarter } from './enqueue-run.ts';

// Watchers of a run share what they read of it, and so the bytes that it becomes.
const jobStatusOf = memoize(toJobStatus);
const positionOf = memoize(({ version }: JobStatusEvent) =>
  version == null ? undefined : { id: String(version), order: version },
);

const seenBy = <T>({ role }: Pick<Context, 'role'>, value: T, forGuests: (value: T) => T): T =>
  role === 'guest' ? forGuests(value) : value;

export function createRunsRouter(services: RunStarter & { hub: Hub; runReads: RunReads }) {
  const { db, hub, runReads } = services;

  /** Throws NOT_FOUND. */
  async function readCases(runId: string, projectId: string, after?: number) {
    const page = await runReads.cases(runId, after);
    return page?.projectId === projectId ? page : runNotFound(runId);
  }

  return router({
    list: procedure.viewer.input(runInputs.list).query(({ ctx, input }) => listRuns(db, ctx.projectId, input)),

    byId: procedure.guest
      .input(runInputs.byId)
      .query(async ({ ctx, input }) => seenBy(ctx, await getRunDetails(db, ctx.projectId, input.runId), runForGuests)),

    /** What changed since the newest run of the suite's base branch, the run before, or another run of the same. */
    compare: procedure.viewer
      .input(runInputs.compare)
      .query(({ ctx, input: { with: withId, ...input } }) => compareRun(db, ctx.projectId, { ...input, withId })),

    /** Since which run each of these cases fails on the branch, and whether it does so on the base branch. */
    firstFailures: procedure.viewer
      .input(runInputs.firstFailures)
      .query(({ ctx, input }) => findFirstFailures(db, ctx.projectId, input)),

    /** Works wherever the run is. CONFLICT when it is over. */
    cancel: procedure.editor
      .input(runInputs.byId)
      .mutation(({ ctx, input }) => cancelRun(services, actorOf(ctx), input.runId)),

    /** Runs again what that run ran, even if its tests have changed since; CONFLICT when there is nothing to run. */
    retry: procedure.editor
      .input(runInputs.retry)
      .mutation(({ ctx, input }) => retryRun(services, actorOf(ctx), input)),

    /** The commands that run again what failed in a reported run, for the machine that it came from. */
    retryCommand: procedure.viewer
      .input(runInputs.byId)
      .query(({ ctx, input }) => getRetryCommands(db, ctx.projectId, input.runId)),

    /** The run's state now and at every change; ends when the run does. `id` is its `version`. */
    onStatus: procedure.guest.input(runInputs.follow).subscription(({ ctx: { projectId, role }, input, signal }) => {
      const { status, complete } = jobChannels(input.runId);
      return followState(
        { hub, signal },
        {
          channels: [status, complete],
          read: async () => {
            const run = await runReads.byId(input.runId);
            return run?.projectId === projectId ? jobStatusOf(run) : runNotFound(input.runId);
          },
          position: positionOf,
          isFinal: (event) => isTerminal(event.status),
          ...(role === 'guest' && { view: statusForGuests }),
          lastEventId: input.lastEventId,
        },
      );
    }),

    /**
     * The run's whole log or that of one case or attempt, then what is added to it; ends when the run does. `id` is its
     * `seq`.
     */
    onEvents: procedure.guest.input(runInputs.onEvents).subscription(async ({ ctx, input, signal }) => {
      const { projectId, role } = ctx;
      const { runId, types, lastEventId } = input;
      const filter = { types, attempt: input.attempt, caseIndex: await findCaseIndex(db, projectId, input) };
      return followLog(
        { hub, signal },
        {
          channels: [runEventsChannel(runId)],
          read: async (after) => {
            const page = await runReads.log(runId, after, filter);
            return page?.projectId === projectId ? page : runNotFound(runId);
          },
          sequence: (event) => event.seq,
          accepts: (event) => isWanted(event, filter),
          isFinal: (event) => event.type === 'status' && isTerminal(event.status),
          ...(role === 'guest' && { view: entryForGuests }),
          lastEventId,
        },
      );
    }),

    /** What the cases of a part are; never changes for a hash. */
    manifest: procedure.guest
      .input(runInputs.manifest)
      .query(({ ctx, input }) => getManifest(db, ctx.projectId, input.runId, input.part)),

    /** The states of all cases; `onCases` goes on after its `version`. */
    states: procedure.guest.input(runInputs.byId).query(async ({ ctx, input }) => {
      const { delta } = await readCases(input.runId, ctx.projectId);
      return seenBy(ctx, delta!.changes, changesForGuests);
    }),

    /**
     * What has changed in the run's cases since the version that the client has, at most every 250 ms; ends when the run
     * does. `id` is the run's `version`.
     */
    onCases: procedure.guest.input(runInputs.follow).subscription(({ ctx: { projectId, role }, input, signal }) =>
      followDeltas(
        { hub, signal },
        {
          channels: [caseDeltasChannel(input.runId)],
          kind: caseDeltas,
          read: (after) => readCases(input.runId, projectId, after),
          isFinal: ({ changes }) => isTerminal(changes.status),
          view: ({ changes }) => seenBy({ role }, changes, changesForGuests),
          lastEventId: input.lastEventId,
        },
      ),
    ),

    cases: procedure.guest.input(runInputs.cases).query(({ ctx, input }) => listCases(db, ctx.projectId, input)),

    case: procedure.guest
      .input(runInputs.case)
      .query(async ({ ctx, input }) => seenBy(ctx, await getCase(db, ctx.projectId, input), caseForGuests)),

    /** The steps of an attempt. */
    steps: procedure.guest.input(runInputs.steps).query(({ ctx, input }) => findAttemptSteps(db, ctx.projectId, input)),

    /** When the cases ran. */
    times: procedure.guest
      .input(runInputs.byId)
      .query(({ ctx, input }) => findCaseTimes(db, ctx.projectId, input.runId)),

    /** The failures of the run by their causes. */
    errors: procedure.guest
      .input(runInputs.byId)
      .query(async ({ ctx, input }) =>
        seenBy(ctx, await findErrorGroups(db, ctx.projectId, input.runId), errorsForGuests),
      ),

    /** A window of the run's output, without its steps. */
    log: procedure.guest
      .input(runInputs.log)
      .query(async ({ ctx, input }) => seenBy(ctx, await findLogWindow(db, ctx.projectId, input), windowForGuests)),
  });
}
