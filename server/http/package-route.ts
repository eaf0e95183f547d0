import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';

/**
 * Serves the npm package `runlight` of this version as `/runlight.tgz`, for `npm install`. It is code without data, so
 * it needs no sign-in.
 */
export function servePackage(app: FastifyInstance, file: string): void {
  app.get('/runlight.tgz', async (request, reply) => {
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (!found)
      return reply.code(404).send({
        error: 'not found',
        message: 'The package is not built: run `npm run build` where Runlight is installed.',
      });
    const etag = `"${found.size.toString(36)}-${found.mtimeMs.toString(36)}"`;
    // Asked for again each time: the address stays the same when Runlight is upgraded.
    reply.headers({ etag, 'cache-control': 'no-cache' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    reply.type('application/gzip').headers({
      'content-length': found.size,
      'content-disposition': `attachment; filename="${path.basename(file)}"`,
    });
    return reply.send(createReadStream(file));
  });
}
