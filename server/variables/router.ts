import { variableInputs } from '#shared/inputs.ts';
import { procedure, router } from '#server/trpc.ts';
import { listVariables, removeVariable, setVariable } from './queries.ts';

export const variablesRouter = router({
  list: procedure.editor.query(({ ctx }) => listVariables(ctx.services.db, ctx.projectId)),

  /** Replaces the value that it has. */
  set: procedure.owner.input(variableInputs.set).mutation(async ({ ctx: { services, projectId }, input }) => {
    await setVariable(services, projectId, input);
    return { name: input.name };
  }),

  remove: procedure.owner.input(variableInputs.remove).mutation(async ({ ctx, input: { name } }) => {
    await removeVariable(ctx.services.db, ctx.projectId, name);
    return { name };
  }),
});
