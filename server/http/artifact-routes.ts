import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { ArtifactAccess } from './artifact-access.ts';
import { createLocalArtifactStore } from '#server/artifacts/artifact-store.ts';

/** What browsers show by themselves, without running anything. */
const shown = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.gif',
  '.webp',
  '.avif',
  '.webm',
  '.mp4',
  '.txt',
  '.log',
  '.md',
  '.json',
]);

const harmless = "frame-ancestors 'self'; form-action 'none'; base-uri 'none'; object-src 'none'";
/**
 * A report has scripts that tests had a hand in. In a sandbox without an origin they have neither the cookies of who reads it
 * nor a way to read what is behind them. It may open the trace viewer, which is ours and needs an origin.
 */
const reportPolicy = `sandbox allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox; ${harmless}`;
const filePolicy = `sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; ${harmless}`;

const wayOutPolicy = `default-src 'none'; style-src 'unsafe-inline'; ${harmless}`;

/** In place of the trace viewer in a frame, where the report that links to it has no origin to give to it. */
function wayOut(viewer: string): string {
  const href = viewer.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Trace</title>
<body style="font: 15px system-ui, sans-serif; text-align: center; padding: 4rem 1rem">
<p>The trace needs a tab of its own.</p><p><a href="${href}" target="_blank" rel="noopener">Open the trace</a></p>
<p><a href="../index.html">Back to the report</a></p></body></html>`;
}

/** The headers of a file of a run, by its path in the run's folder. */
export function artifactHeaders(file: string): Record<string, string> {
  const isReport = file.startsWith('report/') && file.endsWith('.html') && !file.startsWith('report/data/');
  if (isReport) return { 'content-security-policy': reportPolicy };
  const disposition = shown.has(path.extname(file).toLowerCase()) ? 'inline' : 'attachment';
  return { 'content-security-policy': filePolicy, 'content-disposition': disposition };
}

/**
 * Serves `/artifacts/<run>/…`: regular files of the run's own folder, in such a way that none of them can act for whoever
 * looks at it.
 */
export function serveArtifacts(app: FastifyInstance, { dir, access }: { dir: string; access: ArtifactAccess }): void {
  const store = createLocalArtifactStore({ dir });
  app.register(async (artifacts) => {
    artifacts.addHook('onRequest', access.check);
    artifacts.addHook('onRequest', async (request, reply) => {
      const [, runId = '', inside = '', query = ''] = /^\/artifacts\/([^/?]*)\/([^?]*)(.*)$/.exec(request.url) ?? [];
      // Reports link to a trace viewer beside them, which has no origin there, and does not work without.
      if (inside === 'report/trace/index.html') {
        const viewer = `/trace-viewer/index.html${query}`;
        if (request.headers['sec-fetch-dest'] !== 'iframe') return reply.redirect(viewer);
        return reply.header('content-security-policy', wayOutPolicy).type('text/html').send(wayOut(viewer));
      }
      if ((await store.path(runId, decode(inside))) === undefined) return reply.callNotFound();
      // Where a report has no origin, all that it loads comes from elsewhere; its address says that it may.
      const hasSignedUrl = access.hasSignedUrl(request.raw);
      reply.header('cross-origin-resource-policy', hasSignedUrl ? 'cross-origin' : 'same-origin');
      if (hasSignedUrl) reply.header('access-control-allow-origin', '*');
      return undefined;
    });
    artifacts.register(fastifyStatic, {
      root: dir,
      prefix: '/artifacts/',
      dotfiles: 'allow',
      // `reply.sendFile` is the client's, whose headers these are not.
      decorateReply: false,
      setHeaders(response, file) {
        const [, ...inside] = path.relative(dir, file).split(path.sep);
        for (const [name, value] of Object.entries(artifactHeaders(inside.join('/')))) response.setHeader(name, value);
      },
    });
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
