import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { createAppRouter, type RouterServices } from '#server/http/router.ts';

/** Every procedure of the API by its dotted name, to be looked at and not called: it has no services behind it. */
export const procedures: Record<string, AnyTRPCProcedure> = (createAppRouter({} as RouterServices) as AnyTRPCRouter)
  ._def.procedures as Record<string, AnyTRPCProcedure>;
