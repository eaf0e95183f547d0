import { type ReportCommands, reportInputs } from '#shared/reports.ts';
import { actorOf } from '#server/identity/actor.ts';
import { followState } from '#server/live/follow-state.ts';
import type { Hub } from '#server/live/hub.ts';
import { jobChannels } from '#shared/channels.ts';
import { runNotFound } from '#server/runs/queries.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { appendReport } from './append-report.ts';
import { beginReport, type ReportDeps } from './begin-report.ts';
import { commandsChannel, createCommandReads } from './commands.ts';
import { finishReport } from './finish-report.ts';

export function createReportsRouter(services: ReportDeps & { hub: Hub }) {
  const { db, hub } = services;
  const readCommands = createCommandReads(db);

  return router({
    /** Begins to report a part of a run; the same session gets the same answer. CONFLICT while another one reports it. */
    begin: procedure.reporter
      .input(reportInputs.begin)
      .mutation(({ ctx, input }) => beginReport(services, actorOf(ctx), input)),

    /** Adds entries, each once however often it is sent; without any, a sign of life. CONFLICT says how to go on. */
    append: procedure.reporter
      .input(reportInputs.append)
      .mutation(({ ctx, input }) => appendReport(services, ctx.projectId, input)),

    /** Ends the part, and with the last one the run; the same again changes nothing. */
    finish: procedure.reporter
      .input(reportInputs.finish)
      .mutation(({ ctx, input }) => finishReport(services, ctx.projectId, input)),

    /** What the reporter is to do, now and whenever that changes; ends when the part is over. */
    onCommands: procedure.reporter
      .input(reportInputs.onCommands)
      .subscription(({ ctx: { projectId }, input, signal }) =>
        followState(
          { hub, signal },
          {
            on: [commandsChannel(input.runId), jobChannels(input.runId).complete],
            read: async () => (await readCommands(input, projectId)) ?? runNotFound(input.runId),
            // The version rises with every entry, which is no news.
            position: ({ cancel, isOver }: ReportCommands) => ({
              id: `${cancel?.at ?? 'go on'} ${isOver ? 'over' : ''}`,
            }),
            isFinal: ({ isOver }) => isOver,
            lastEventId: input.lastEventId,
          },
        ),
      ),
  });
}
