import { variableInputs } from '#shared/inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { listVariables, removeVariable, setVariable } from './queries.ts';

export const variablesRouter = router({
  list: procedure.editor.query(({ ctx }) => listVariables(ctx.services.db, ctx.projectId)),

  /** Replaces the value that it has. */
  set: procedure.owner.input(variableInputs.set).mutation(async ({ ctx, input }) => {
    await setVariable(ctx.services, actorOf(ctx), input);
    return { name: input.name };
  }),

  remove: procedure.owner.input(variableInputs.remove).mutation(async ({ ctx, input: { name } }) => {
    await removeVariable(ctx.services.db, actorOf(ctx), name);
    return { name };
  }),
});
