import { type AnyTRPCProcedure, type AnyTRPCRouter, callTRPCProcedure, type TRPCError } from '@trpc/server';
import { describe, expect, test } from 'vitest';
import { includesRole, projectRole } from '#shared/project-role.ts';
import { appRouter } from '#server/router.ts';
import type { Caller } from './caller.ts';
import { testApp } from '#server/testing/resources.ts';
import type { Context, Meta } from '#server/trpc.ts';

const all = (appRouter as AnyTRPCRouter)._def.procedures as Record<string, AnyTRPCProcedure>;
const procedures = Object.entries(all).map(([path, { _def }]) => ({
  path,
  type: _def.type,
  role: (_def.meta as Partial<Meta> | undefined)?.role,
}));

test.each(procedures)('$path states who may call it', ({ role }) => {
  expect(projectRole.options).toContain(role);
});

describe.each(projectRole.options)('a caller who is %s', (held) => {
  test('is refused what needs more, and nothing else', async () => {
    await using app = await testApp();
    const caller: Caller = {
      projectId: app.projectId,
      principal: { kind: 'user', id: 'somebody', name: 'Somebody' },
      role: held,
    };
    const ctx: Context = { ...caller, caller, services: app.services, address: '127.0.0.1' };
    for (const { path, type, role } of procedures) {
      const call = callTRPCProcedure({
        router: appRouter,
        path,
        type,
        ctx,
        getRawInput: async () => undefined,
        signal: AbortSignal.abort(),
        batchIndex: 0,
      });
      const code = await call.then(
        () => 'allowed',
        (error: unknown) => (error as TRPCError).code,
      );
      if (includesRole(held, role!)) expect(code, path).not.toBe('FORBIDDEN');
      else expect(code, path).toBe('FORBIDDEN');
    }
  });
});
