import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { bundleHash } from '#shared/suites.ts';
import { type BundleFileDeps, receiveBundle } from '#server/suites/receive-bundle.ts';
import type { Context } from '#server/trpc/context.ts';
import { checked, serveUploads } from './uploads.ts';

const params = z.object({ hash: bundleHash });

/** Takes bundles of suites: `PUT /api/bundles/<hash>`. A bundle is there as a whole or not at all; a known one is not read. */
export function serveBundles(
  app: FastifyInstance,
  deps: BundleFileDeps & { createContext(req: IncomingMessage): Promise<Context> },
): void {
  serveUploads(app, {
    url: '/api/bundles/:hash',
    role: 'editor',
    name: 'suites.bundle',
    createContext: deps.createContext,
    store: async ({ params: asked, raw: body }, { projectId }) =>
      receiveBundle(deps, projectId, {
        ...checked(params, asked, 'hash'),
        body,
        bytes: Number(body.headers['content-length'] ?? 0),
      }),
  });
}
