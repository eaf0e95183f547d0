import { variableInputs } from '#shared/variable-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { listVariables, removeVariable, setVariable, type VariableReader } from './queries.ts';

export function createVariablesRouter(services: VariableReader) {
  const { db } = services;
  return router({
    list: procedure.editor.query(({ ctx }) => listVariables(services, ctx.projectId)),

    /** Replaces the value that it has. */
    set: procedure.owner.input(variableInputs.set).mutation(async ({ ctx, input }) => {
      await setVariable(services, actorOf(ctx), { ...input, isSecret: input.isSecret ?? true });
      return { name: input.name };
    }),

    remove: procedure.owner.input(variableInputs.remove).mutation(async ({ ctx, input: { name } }) => {
      await removeVariable(db, actorOf(ctx), name);
      return { name };
    }),
  });
}
