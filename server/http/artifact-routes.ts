import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { ArtifactAccess } from './artifact-access.ts';
import { createLocalArtifactStore } from '#server/artifacts/artifact-store.ts';

/** File types that browsers show without running scripts. */
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
 * A report runs scripts that tests can influence. In a sandbox without an origin, they have no cookies of the reader and cannot
 * read what needs them. A report may open the trace viewer, which is ours and needs an origin.
 */
const reportPolicy = `sandbox allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox; ${harmless}`;
const filePolicy = `sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; ${harmless}`;

const traceLinkPolicy = `default-src 'none'; style-src 'unsafe-inline'; ${harmless}`;

/** Replaces the trace viewer in a frame of a report: the report has no origin, and neither has its frame. */
function traceLinkPage(viewer: string): string {
  const href = viewer.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Trace</title>
<body style="font: 15px system-ui, sans-serif; text-align: center; padding: 4rem 1rem">
<p>The trace needs a tab of its own.</p><p><a href="${href}" target="_blank" rel="noopener">Open the trace</a></p>
<p><a href="../index.html">Back to the report</a></p></body></html>`;
}

/** A reported run has a report for each of its parts. */
const reportFile = /^(part-\d+\/)?report\//;
const reportData = /^(part-\d+\/)?report\/data\//;
const traceOfReport = /^(part-\d+\/)?report\/trace\/index\.html$/;

/** The headers of an artifact. `file`: its path in the run's folder. */
export function artifactHeaders(file: string): Record<string, string> {
  const isReport = reportFile.test(file) && file.endsWith('.html') && !reportData.test(file);
  if (isReport) return { 'content-security-policy': reportPolicy };
  const disposition = shown.has(path.extname(file).toLowerCase()) ? 'inline' : 'attachment';
  return { 'content-security-policy': filePolicy, 'content-disposition': disposition };
}

/**
 * Serves `/artifacts/<run>/…`: regular files of the run's own folder. The headers keep scripts in them from acting in the name
 * of the reader.
 */
export function serveArtifacts(app: FastifyInstance, { dir, access }: { dir: string; access: ArtifactAccess }): void {
  const store = createLocalArtifactStore({ dir });
  app.register(async (artifacts) => {
    artifacts.addHook('onRequest', access.check);
    artifacts.addHook('onRequest', async (request, reply) => {
      const [, runId = '', inside = '', query = ''] = /^\/artifacts\/([^/?]*)\/([^?]*)(.*)$/.exec(request.url) ?? [];
      // Reports link to a trace viewer in their own folder, which does not work there: it has no origin.
      if (traceOfReport.test(inside)) {
        const viewer = `/trace-viewer/index.html${query}`;
        if (request.headers['sec-fetch-dest'] !== 'iframe') return reply.redirect(viewer);
        return reply.header('content-security-policy', traceLinkPolicy).type('text/html').send(traceLinkPage(viewer));
      }
      if ((await store.path(runId, decode(inside))) === undefined) return reply.callNotFound();
      // A report without an origin loads its parts cross-origin; the signed URL allows it.
      const hasSignedUrl = access.hasSignedUrl(request.raw);
      reply.header('cross-origin-resource-policy', hasSignedUrl ? 'cross-origin' : 'same-origin');
      if (hasSignedUrl) reply.header('access-control-allow-origin', '*');
      return undefined;
    });
    artifacts.register(fastifyStatic, {
      root: dir,
      prefix: '/artifacts/',
      dotfiles: 'allow',
      // `reply.sendFile` serves the client, with other headers.
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
