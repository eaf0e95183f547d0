import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { shareCookie } from '#shared/share-links.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#server/lib/errors.ts';
import { runNotFound } from '#server/runs/queries.ts';
import type { RunReads } from '#server/runs/reads.ts';
import type { Authenticator } from '#server/auth/authenticator.ts';
import type { Guests } from '#server/auth/guests.ts';
import { readBearer, readCookie } from '#server/auth/request-credentials.ts';
import { callerOfRun } from './run-access.ts';
import { isSameSecret } from '#server/identity/secrets.ts';

/** How long a signed URL is valid, in ms: an open report loads its parts for as long. */
const signedForMs = 3_600_000;

const signedUrl = /^\/artifacts\/~(\d{1,16})\.([\w-]+)\/([\w-]+)\//;

/** Whether it is a page of the report. Such pages contain scripts that tests wrote. */
export const isReportPage = (inside: string) => /^(part-\d+\/)?report\/(.*\.html)?(\?|$)/.test(inside);

/** Whether the URL may lead out of its folder. */
const isDevious = (url: string) => /%2f|%5c|\/(\.|%2e){1,2}(\/|\?|$)/i.test(url);

export type ArtifactAccess = ReturnType<typeof createArtifactAccess>;

/**
 * Callers who may see a run may read its artifacts, and so may its guests. Reports hold scripts that tests wrote, so browsers
 * load them in a sandbox without an origin, which sends no cookies. A request for a report is therefore redirected to a signed
 * URL, which opens the artifacts of this run alone, for an hour: `/artifacts/~<until>.<signature>/<run>/…`.
 */
export function createArtifactAccess({
  authenticator,
  guests,
  runReads,
}: {
  authenticator: Authenticator;
  guests: Guests;
  runReads: RunReads;
}) {
  const sign = (until: string, runId: string) =>
    createHmac('sha256', authenticator.urlSigningSecret).update(`${until}/${runId}`).digest('base64url');

  /** Requests with a rewritten URL. */
  const rewritten = new WeakSet<IncomingMessage>();

  /** The URL without its signature; undefined unless the signature is valid. */
  function withoutSignature({ url = '/' }: IncomingMessage): string | undefined {
    const [head, until = '', signature = '', runId = ''] = signedUrl.exec(url) ?? [];
    if (head === undefined || isDevious(url) || Number(until) < Date.now()) return undefined;
    return isSameSecret(signature, sign(until, runId)) ? `/artifacts/${runId}/${url.slice(head.length)}` : undefined;
  }

  async function isGuest(req: IncomingMessage, runId: string): Promise<boolean> {
    if (readCookie(req, shareCookie(runId)) === undefined) return false;
    return guests.authenticate(req, runId).then(
      () => true,
      () => false,
    );
  }

  return {
    /** The URL without its signature, if that is valid; else the URL as it is. */
    rewrite(req: IncomingMessage): string {
      const url = withoutSignature(req);
      if (url !== undefined) rewritten.add(req);
      return url ?? req.url ?? '/';
    },

    /** Whether the request came with a valid signed URL; also true once the URL is rewritten. */
    hasSignedUrl: (req: IncomingMessage): boolean => rewritten.has(req) || withoutSignature(req) !== undefined,

    /** For requests of `/artifacts/<run>/…`. Throws UNAUTHORIZED and NOT_FOUND. */
    async check(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      if (rewritten.has(request.raw)) return undefined;
      const [, runId = '', inside = ''] = /^\/artifacts\/([^/?]*)\/?(.*)$/.exec(request.url) ?? [];
      if (runId.startsWith('~'))
        throw new AppError('UNAUTHORIZED', 'This address has expired: open the report from its run again.');
      await callerOfRun({ authenticator, runReads }, request.raw, runId).catch(async (error: unknown) => {
        if (!(await isGuest(request.raw, runId))) throw error;
      });
      if (isDevious(request.url)) runNotFound(runId);
      if (!isReportPage(inside) || readBearer(request.raw) !== undefined) return undefined;
      const until = String(Date.now() + signedForMs);
      return reply
        .header('cache-control', 'no-store')
        .redirect(`/artifacts/~${until}.${sign(until, runId)}/${runId}/${inside}`);
    },
  };
}
