import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { id } from '#shared/inputs.ts';
import { type FileDeps, storeFile } from '#server/reports/store-file.ts';
import type { Context } from '#server/trpc/context.ts';
import { checked, serveUploads } from './uploads.ts';

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
  serveUploads(app, {
    url: '/api/reports/:runId/:part/files/*',
    role: 'reporter',
    name: 'reports.files',
    createContext: deps.createContext,
    async store({ params: given, headers, raw }, { projectId }) {
      const { runId, part, '*': file } = checked(params, given, 'path');
      return storeFile(deps, projectId, {
        runId,
        part,
        session: checked(session, headers['x-runlight-session'], 'x-runlight-session'),
        file,
        body: raw,
        declaredBytes: Number(headers['content-length'] ?? 0),
      });
    },
  });
}
