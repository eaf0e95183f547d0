import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#server/lib/errors.ts';
import { runNotFound } from '#server/runs/queries.ts';
import type { RunReads } from '#server/runs/reads.ts';
import type { Doors } from '#server/auth/authenticator.ts';
import { readBearer } from '#server/auth/request-credentials.ts';
import { isSameSecret } from '#server/identity/secrets.ts';

/** How long a report that was opened can load its parts, in ms. */
const grantedForMs = 3_600_000;

const grantedUrl = /^\/artifacts\/~(\d{1,16})\.([\w-]+)\/([\w-]+)\//;

/** A page that tests wrote. */
const isReportPage = (inside: string) => /^report\/(.*\.html)?(\?|$)/.test(inside);

/** Steps out of its folder. */
const isDevious = (url: string) => /%2f|%5c|\/(\.|%2e){1,2}(\/|\?|$)/i.test(url);

export type ArtifactAccess = ReturnType<typeof createArtifactAccess>;

/**
 * Who may have the artifacts of a run: whoever may see the run. A report has scripts that tests wrote, so browsers treat it
 * as a page from nowhere, and nowhere gets no cookies; therefore who opens a report is sent to an address that opens the
 * artifacts of this run, and no more, for an hour: `/artifacts/~<until>.<signature>/<run>/…`.
 */
export function createArtifactAccess(doors: Doors, { runReads }: { runReads: RunReads }) {
  const sign = (until: string, runId: string) =>
    createHmac('sha256', doors.grantSecret).update(`${until}/${runId}`).digest('base64url');

  const granted = new WeakSet<IncomingMessage>();

  /** The address without its grant; undefined unless that is valid. */
  function withoutGrant({ url = '/' }: IncomingMessage): string | undefined {
    const [head, until = '', signature = '', runId = ''] = grantedUrl.exec(url) ?? [];
    if (head === undefined || isDevious(url) || Number(until) < Date.now()) return undefined;
    return isSameSecret(signature, sign(until, runId)) ? `/artifacts/${runId}/${url.slice(head.length)}` : undefined;
  }

  return {
    /** The address without its grant, if that is valid. */
    rewrite(req: IncomingMessage): string {
      const url = withoutGrant(req);
      if (url !== undefined) granted.add(req);
      return url ?? req.url ?? '/';
    },

    /** Whether the request came with a valid grant in its address, before or after that was rewritten. */
    isGranted: (req: IncomingMessage): boolean => granted.has(req) || withoutGrant(req) !== undefined,

    /** For requests of `/artifacts/<run>/…`. Throws UNAUTHORIZED and NOT_FOUND. */
    async check(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      if (granted.has(request.raw)) return undefined;
      const [, runId = '', inside = ''] = /^\/artifacts\/([^/?]*)\/?(.*)$/.exec(request.url) ?? [];
      if (runId.startsWith('~'))
        throw new AppError('UNAUTHORIZED', 'This address is not valid any more: open the report from its run again.');
      const run = isId(runId) && !isDevious(request.url) ? await runReads.byId(runId) : undefined;
      try {
        await doors.authenticate(request.raw, run?.projectId);
      } catch (error) {
        // For those of other projects it is not there at all.
        if (run && error instanceof AppError && error.code === 'NOT_FOUND') runNotFound(runId);
        throw error;
      }
      if (!run) runNotFound(runId);
      if (!isReportPage(inside) || readBearer(request.raw) !== undefined) return undefined;
      const until = String(Date.now() + grantedForMs);
      return reply
        .header('cache-control', 'no-store')
        .redirect(`/artifacts/~${until}.${sign(until, runId)}/${runId}/${inside}`);
    },
  };
}

function isId(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}
