import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { contentTypeOf, dispositionOf } from '#server/artifacts/file-headers.ts';
import { type ArtifactAccess, isReportPage } from './artifact-access.ts';

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
  return { 'content-security-policy': filePolicy, 'content-disposition': dispositionOf(file) };
}

/**
 * Serves `/artifacts/<run>/…`: files of the run's own folder. The headers keep scripts in them from acting in the name of the
 * reader. A store that signs addresses sends files itself to readers who may follow a redirect.
 */
export function serveArtifacts(
  app: FastifyInstance,
  { artifacts, access }: { artifacts: ArtifactStore; access: ArtifactAccess },
): void {
  app.register(async (routes) => {
    routes.addHook('onRequest', access.check);
    routes.route({
      method: ['GET', 'HEAD'],
      url: '/artifacts/*',
      async handler(request, reply) {
        const [, folder = '', inside = '', query = ''] = /^\/artifacts\/([^/?]*)\/([^?]*)(.*)$/.exec(request.url) ?? [];
        // Reports link to a trace viewer in their own folder, which does not work there: it has no origin.
        if (traceOfReport.test(inside)) {
          const viewer = `/trace-viewer/index.html${query}`;
          if (request.headers['sec-fetch-dest'] !== 'iframe') return reply.redirect(viewer);
          return reply.header('content-security-policy', traceLinkPolicy).type('text/html').send(traceLinkPage(viewer));
        }
        const place = { folder, path: decode(inside) };
        const elsewhere = mayRedirect(request, place.path) && (await artifacts.size(place)) !== undefined;
        const signed = elsewhere ? await artifacts.signedUrl(place) : undefined;
        if (signed !== undefined) return reply.header('cache-control', 'no-store').redirect(signed);
        const found = await artifacts.read(place, {
          method: request.method as 'GET' | 'HEAD',
          headers: request.headers,
        });
        if (found === undefined) return reply.callNotFound();
        // A report without an origin loads its parts cross-origin; the signed URL allows it.
        const hasSignedUrl = access.hasSignedUrl(request.raw);
        if (hasSignedUrl) reply.header('access-control-allow-origin', '*');
        return reply
          .code(found.status)
          .headers({
            'cache-control': 'public, max-age=0',
            'content-type': contentTypeOf(place.path),
            ...found.headers,
            ...artifactHeaders(place.path),
            'cross-origin-resource-policy': hasSignedUrl ? 'cross-origin' : 'same-origin',
          })
          .send(found.content);
      },
    });
  });

  /**
   * Pages of reports need our policy. Scripts, such as the trace viewer, may load from here alone; images, videos and downloads
   * may come from elsewhere.
   */
  function mayRedirect({ method, headers }: FastifyRequest, file: string): boolean {
    const isOfScript = ['cors', 'same-origin'].includes(headers['sec-fetch-mode'] as string);
    return artifacts.signedOrigin !== undefined && method === 'GET' && !isOfScript && !isReportPage(file);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
