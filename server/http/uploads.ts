import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { includesRole, type KeyRole } from '#shared/project-role.ts';
import { AppError, errorMessage } from '#server/lib/errors.ts';
import type { Context } from '#server/trpc/context.ts';

export interface UploadRoute {
  /** Pattern of the address, to which files are sent by PUT. */
  url: string;
  /** Who may send files. */
  role: KeyRole;
  /** Name of the files in the audit log of refusals. */
  name: string;
  createContext(req: IncomingMessage): Promise<Context>;
  /** Stores the body of the request. Resolves to the answer. */
  store(request: FastifyRequest, context: Context): Promise<object>;
}

/** Takes files. Their bodies are read as streams, whatever their type. A full disk or bucket is answered with 507. */
export function serveUploads(app: FastifyInstance, { url, role, name, createContext, store }: UploadRoute): void {
  app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    uploads.addHook('onResponse', async (request) => discardRest(request.raw));
    uploads.put(url, async (request, reply) => {
      const context = await createContext(request.raw);
      if (!includesRole(context.role, role)) {
        const reason = `This needs the role "${role}" in the project, and yours is "${context.role}".`;
        context.onRefused(name, reason);
        throw new AppError('FORBIDDEN', reason);
      }
      try {
        return await store(request, context);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        return reply.code(507).send({
          error: 'insufficient storage',
          message: (error as NodeJS.ErrnoException).syscall
            ? 'The disk of Runlight is full. Free some space in DATA_DIR, or lower RETENTION_DAYS.'
            : errorMessage(error),
        });
      }
    });
  });
}

/** Throws BAD_REQUEST. The message has `name` where the schema names no field. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AppError('BAD_REQUEST', `${issue?.path.join('.') || name}: ${issue?.message}`);
}

/** Time for the rest of a refused file to arrive, in ms. */
const discardMs = 10_000;

/**
 * Lets the rest of a refused file arrive for a short time: a client that is still sending might not read the answer if the
 * connection were closed.
 */
function discardRest(req: IncomingMessage): void {
  if (req.complete) return;
  const timer = setTimeout(() => req.destroy(), discardMs).unref();
  req.once('close', () => clearTimeout(timer)).resume();
}

function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
