import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { id } from '#shared/inputs.ts';
import { includesRole } from '#shared/project-role.ts';
import { AppError } from '#server/lib/errors.ts';
import { type FileDeps, storeFile } from '#server/reports/store-file.ts';
import type { Context } from '#server/trpc/context.ts';

const params = z.object({ runId: id, part: z.coerce.number().int().nonnegative().max(100_000), '*': z.string() });
const session = z.uuid('must be the session that has begun the part');

/**
 * Takes files of reported runs: `PUT /api/reports/<run>/<part>/files/<path>` with the header `x-runlight-session`. A file is
 * there as a whole or not at all, and the same file may be sent again.
 */
export function serveReports(
  app: FastifyInstance,
  deps: FileDeps & { createContext(req: IncomingMessage): Promise<Context> },
): void {
  app.register(async (reports) => {
    // The body is a stream, whatever its type.
    reports.removeAllContentTypeParsers();
    reports.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    reports.addHook('onResponse', async (request) => discardRest(request.raw));
    reports.put('/api/reports/:runId/:part/files/*', async (request, reply) => {
      const context = await deps.createContext(request.raw);
      if (!includesRole(context.role, 'reporter')) {
        const reason = `This needs the role "reporter" in the project, and yours is "${context.role}".`;
        context.onRefused('reports.files', reason);
        throw new AppError('FORBIDDEN', reason);
      }
      const { runId, part, '*': file } = checked(params, request.params);
      try {
        return await storeFile(deps, context.projectId, {
          runId,
          part,
          session: checked(session, request.headers['x-runlight-session']),
          file,
          body: request.raw,
        });
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        return reply.code(507).send({
          error: 'insufficient storage',
          message: 'The disk of Runlight is full. Free some space in DATA_DIR, or lower RETENTION_DAYS.',
        });
      }
    });
  });
}

/** For the rest of a file that was refused to arrive, in ms. */
const discardMs = 10_000;

/**
 * Lets the rest of a refused file arrive, since a client that still sends might not read the answer from a connection that
 * is closed; but not for long.
 */
function discardRest(req: IncomingMessage): void {
  if (req.complete) return;
  const timer = setTimeout(() => req.destroy(), discardMs).unref();
  req.once('close', () => clearTimeout(timer)).resume();
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AppError('BAD_REQUEST', `${issue?.path.join('.') || 'x-runlight-session'}: ${issue?.message}`);
}

function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
