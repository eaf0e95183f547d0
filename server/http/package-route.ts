import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { exists } from '#server/lib/exists.ts';

const nameOfPackage = /^runlight-\d+\.\d+\.\d+[\w.-]*\.tgz$/;

/**
 * Serves the npm package `runlight`, for `npm install`: that of this version as `/runlight.tgz`, and as
 * `/runlight-<version>.tgz` also those of earlier versions that this Runlight has served, so that lock files stay valid when
 * it is upgraded. They are kept in `keptDir`. They are code without data, so they need no sign-in.
 */
export async function servePackages(
  app: FastifyInstance,
  { file, keptDir }: { file: string; keptDir: string },
): Promise<void> {
  const current = path.basename(file);
  await keep(file, keptDir);

  app.get('/runlight.tgz', (request, reply) => send(request, reply, file));

  app.get<{ Params: { name: string } }>('/:name(^runlight-.+\\.tgz$)', async (request, reply) => {
    const { name } = request.params;
    const kept = path.join(keptDir, name);
    if (name === current) return send(request, reply, file);
    if (nameOfPackage.test(name) && (await exists(kept))) return send(request, reply, kept);
    const names = (await readdir(keptDir).catch(() => [])).filter((it) => nameOfPackage.test(it));
    return reply.code(404).send({
      error: 'not found',
      message: `This Runlight does not have the package ${name}. It has ${names.join(', ') || 'none'}; /runlight.tgz is that of its own version.`,
    });
  });
}

async function send(request: FastifyRequest, reply: FastifyReply, file: string) {
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
  // Asked for again each time: `/runlight.tgz` stays the same address when Runlight is upgraded.
  reply.headers({ etag, 'cache-control': 'no-cache' });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  reply.type('application/gzip').headers({
    'content-length': found.size,
    'content-disposition': `attachment; filename="${path.basename(file)}"`,
  });
  return reply.send(createReadStream(file));
}

/** Copies the package of this version, so that a later version can serve it. Does nothing if it is not built. */
async function keep(file: string, keptDir: string): Promise<void> {
  if (!(await exists(file))) return;
  const part = path.join(keptDir, `${process.pid}.part`);
  await mkdir(keptDir, { recursive: true });
  await copyFile(file, part);
  await rename(part, path.join(keptDir, path.basename(file)));
}
