import { initTRPC, TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { ZodError } from 'zod';
import { includesRole, type ProjectRole } from '#shared/project-role.ts';
import type { Caller } from '#server/identity/caller.ts';
import { actorOf } from '#server/identity/actor.ts';
import { isConnectionError } from '#server/db/connection-error.ts';
import { AppError } from '#server/lib/errors.ts';
import type { Services } from '#server/services.ts';
import { isPushSource, type PushSink, type PushSource, pushTo } from '#server/sse/push-source.ts';

/** Streams hold on to it, so callers' contexts are shared where they can be. */
export interface Context extends Caller {
  readonly services: Services;
  /** The same for all requests of the caller. */
  readonly caller: Caller;
  /** Where they come from. */
  readonly address: string;
}

export interface Meta {
  /** What the caller must be in the project. */
  role: ProjectRole;
  /** They must own the project's organisation, too. */
  ofOrganization?: boolean;
}

/** What a caller is told of what is nobody's fault but the server's. */
export const internalErrorMessage = 'Something went wrong in the server; its log says what.';

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
      // A stack tells a caller nothing that helps, and an attacker much.
      const { stack: _, ...data } = shape.data;
      return { ...shape, message, data: { ...data, fieldErrors } };
    },
  });

/** What is wrong with which input, by its dotted name; the input as a whole is ''. */
function findFieldErrors(error: TRPCError): Record<string, string[]> | undefined {
  if (error.cause instanceof AppError)
    return error.cause.field === undefined ? undefined : { [error.cause.field]: [error.cause.message] };
  if (!(error.cause instanceof ZodError)) return undefined;
  const fieldErrors: Record<string, string[]> = {};
  for (const issue of error.cause.issues) (fieldErrors[issue.path.join('.')] ??= []).push(issue.message);
  return fieldErrors;
}

/** What a domain error is to a caller; undefined for errors that are nobody's fault but the server's. */
export function toTRPCError(error: unknown): TRPCError | undefined {
  const cause = error instanceof TRPCError ? error.cause : error;
  if (cause instanceof AppError) return new TRPCError({ code: cause.code, message: cause.message, cause });
  if (isConnectionError(cause))
    return new TRPCError({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The database cannot be reached at the moment; try again soon.',
      cause,
    });
  return undefined;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Maps what a stream throws while it is being read, which no middleware sees. */
function mapStreamErrors(stream: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return isPushSource(stream) ? new MappedPushSource(stream) : new MappedStream(stream);
}

class MappedStream implements AsyncIterable<unknown> {
  readonly #stream: AsyncIterable<unknown>;
  constructor(stream: AsyncIterable<unknown>) {
    this.#stream = stream;
  }
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const iterator = this.#stream[Symbol.asyncIterator]();
    const rethrow = (error: unknown) => {
      throw toTRPCError(error) ?? error;
    };
    return {
      next: () => iterator.next().catch(rethrow),
      return: (value) => iterator.return?.(value) ?? Promise.resolve({ done: true, value }),
    };
  }
}

class MappedPushSource extends MappedStream implements PushSource<unknown> {
  readonly #source: PushSource<unknown>;
  constructor(source: PushSource<unknown>) {
    super(source);
    this.#source = source;
  }
  [pushTo](sink: PushSink) {
    return this.#source[pushTo](new MappedSink(sink));
  }
}

class MappedSink implements PushSink {
  readonly #sink: PushSink;
  constructor(sink: PushSink) {
    this.#sink = sink;
  }
  event(id: string | undefined, data: unknown): boolean {
    return this.#sink.event(id, data);
  }
  end(): void {
    this.#sink.end();
  }
  fail(error: unknown): void {
    this.#sink.fail(toTRPCError(error) ?? error);
  }
}

export const { router } = t;

/** One middleware for the right and for errors, since streams hold on to what each of them makes. */
const base = t.procedure.use(async ({ ctx, meta, next, path }) => {
  if (!meta) throw new Error(`The procedure ${path} does not state who may call it.`);
  const lack = lackOf(ctx, meta);
  if (lack !== undefined) throw noteRefusal(ctx, path, new TRPCError({ code: 'FORBIDDEN', message: lack }));
  const result = await next();
  if (result.ok) return isAsyncIterable(result.data) ? { ...result, data: mapStreamErrors(result.data) } : result;
  const mapped = toTRPCError(result.error);
  if (mapped) throw mapped.code === 'FORBIDDEN' ? noteRefusal(ctx, path, mapped) : mapped;
  return result;
});

/** What the caller would have to be; undefined for who is it. */
function lackOf({ role, ownsOrganization }: Context, { role: needed, ofOrganization = false }: Meta) {
  if (!includesRole(role, needed)) return `This needs the role "${needed}" in the project, and yours is "${role}".`;
  if (ofOrganization && !ownsOrganization) return 'This is for people who own all projects of the organisation.';
  return undefined;
}

function noteRefusal(ctx: Context, path: string, error: TRPCError): TRPCError {
  ctx.services.attempts.note({
    action: 'access.refused',
    who: actorOf(ctx),
    scope: { projectId: ctx.projectId },
    target: { kind: 'procedure', id: null, name: path },
    details: { reason: error.message },
  });
  return error;
}

/**
 * Every procedure begins with the role that its caller must have in the project: `procedure.viewer` watches,
 * `procedure.editor` creates, runs and cancels, `procedure.owner` manages its members, keys and settings, and
 * `procedure.organizationOwner` what concerns all projects of its organisation. The caller's project comes with
 * `ctx.projectId`, and every query takes it.
 */
export const procedure = {
  viewer: base.meta({ role: 'viewer' }),
  editor: base.meta({ role: 'editor' }),
  owner: base.meta({ role: 'owner' }),
  organizationOwner: base.meta({ role: 'owner', ofOrganization: true }),
} satisfies Record<ProjectRole | 'organizationOwner', unknown>;

/** True for errors that say what the caller did wrong: nothing that a log needs. */
export function isErrorOfCaller(error: TRPCError): boolean {
  return getHTTPStatusCodeFromError(error) < 500;
}
