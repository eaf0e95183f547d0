import { initTRPC, TRPCError } from '@trpc/server';
import { ZodError } from 'zod';
import { type CallerRole, includesRole } from '#shared/project-role.ts';
import { AppError } from '#server/lib/errors.ts';
import type { Context } from './context.ts';
import { mapStreamErrors } from './map-stream-errors.ts';
import { internalErrorMessage, toTRPCError } from './to-trpc-error.ts';

export interface Meta {
  /** The role that the caller must have in the project. */
  role: CallerRole;
  /** The caller must own the project's organisation, too. */
  ofOrganization?: boolean;
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    errorFormatter({ shape, error }) {
      const fieldErrors = findFieldErrors(error);
      const message =
        error.cause instanceof ZodError
          ? Object.entries(fieldErrors ?? {})
              .map(([field, messages]) => (field === '' ? messages.join('; ') : `${field}: ${messages.join('; ')}`))
              .join(' · ')
          : error.code === 'INTERNAL_SERVER_ERROR'
            ? internalErrorMessage
            : shape.message;
      // A stack does not help a caller, and helps an attacker.
      const { stack: _, ...data } = shape.data;
      return {
        ...shape,
        message,
        data: { ...data, fieldErrors, ...(error.cause instanceof AppError && error.cause.data) },
      };
    },
  });

/** The complaints about each input, by its dotted name; '' is the input as a whole. */
function findFieldErrors(error: TRPCError): Record<string, string[]> | undefined {
  if (error.cause instanceof AppError)
    return error.cause.field === undefined ? undefined : { [error.cause.field]: [error.cause.message] };
  if (!(error.cause instanceof ZodError)) return undefined;
  const fieldErrors: Record<string, string[]> = {};
  for (const issue of error.cause.issues) (fieldErrors[issue.path.join('.')] ??= []).push(issue.message);
  return fieldErrors;
}

export const { router } = t;

/** Permission and errors in one middleware: each middleware costs memory for every open stream. */
const base = t.procedure.use(async ({ ctx, meta, next, path, getRawInput }) => {
  if (!meta) throw new Error(`The procedure ${path} does not state who may call it.`);
  const missing = findMissingPermission(ctx, meta);
  if (missing !== undefined) {
    ctx.onRefused(path, missing);
    throw new TRPCError({ code: 'FORBIDDEN', message: missing });
  }
  if (ctx.sharedRunId !== undefined) checkSharedRun(ctx.sharedRunId, await getRawInput());
  const result = await next();
  if (result.ok) return isAsyncIterable(result.data) ? { ...result, data: mapStreamErrors(result.data) } : result;
  const mapped = toTRPCError(result.error);
  if (!mapped) return result;
  if (mapped.code === 'FORBIDDEN') ctx.onRefused(path, mapped.message);
  throw mapped;
});

/** Why the caller may not; undefined when they may. */
function findMissingPermission(
  { role, ownsOrganization }: Context,
  { role: needed, ofOrganization = false }: Meta,
): string | undefined {
  if (!includesRole(role, needed)) return `This needs the role "${needed}" in the project, and yours is "${role}".`;
  if (ofOrganization && !ownsOrganization) return 'This is for people who own all projects of the organisation.';
  return undefined;
}

/** Guests see one run. Throws NOT_FOUND for an input that names another one, or none. */
function checkSharedRun(sharedRunId: string, input: unknown): void {
  const asked = (input as { runId?: unknown } | null | undefined)?.runId;
  if (asked === sharedRunId) return;
  const message = `The share link does not open the run ${typeof asked === 'string' ? asked : 'that is meant'}.`;
  throw new TRPCError({ code: 'NOT_FOUND', message });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Every procedure begins with the role that its caller must have in the project: `procedure.guest` shows one run, the `runId`
 * of its input, also to holders of a share link, `procedure.viewer` watches,
 * `procedure.reporter` reports runs, `procedure.editor` creates, runs and cancels, `procedure.owner` manages its members, keys and settings, and
 * `procedure.organizationOwner` what concerns all projects of its organisation. `ctx.projectId` is the caller's project;
 * every query takes it.
 */
export const procedure = {
  guest: base.meta({ role: 'guest' }),
  reporter: base.meta({ role: 'reporter' }),
  viewer: base.meta({ role: 'viewer' }),
  editor: base.meta({ role: 'editor' }),
  owner: base.meta({ role: 'owner' }),
  organizationOwner: base.meta({ role: 'owner', ofOrganization: true }),
} satisfies Record<CallerRole | 'organizationOwner', unknown>;

const needsUser = t.middleware(({ ctx, next }) => {
  switch (ctx.principal.kind) {
    case 'user':
      return next({ ctx: { userId: ctx.principal.id } });
    case 'key':
    case 'link':
      throw new AppError('FORBIDDEN', 'This is for people who have signed in, not for API keys.');
    case 'local':
      throw new AppError(
        'CONFLICT',
        'This Runlight has no accounts: set BASE_URL and AUTH_SECRET, and start it again.',
      );
  }
});

/**
 * The same for users who have signed in; `ctx.userId` is theirs. API keys get FORBIDDEN, and a Runlight without accounts
 * answers CONFLICT.
 */
export const userProcedure = {
  viewer: procedure.viewer.use(needsUser),
  owner: procedure.owner.use(needsUser),
  organizationOwner: procedure.organizationOwner.use(needsUser),
};
