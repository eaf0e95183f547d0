import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Below this, in bytes, the answer fits into a packet anyway. */
const minBytes = 1_024;

const encoders = {
  // Both are fast at these levels: about 5 ms for a manifest of 5,000 cases.
  br: (body: Buffer) =>
    promisify(brotliCompress)(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
  gzip: (body: Buffer) => promisify(gzip)(body, { level: 6 }),
};

/**
 * A hook for `onSend`: compresses the answers of queries, which may be long lists. Answers of other kinds stay as they are:
 * those of mutations may hold a secret, streams must not be held back, and files are compressed already.
 */
export async function compressAnswers(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
  if (request.method !== 'GET' || !(payload instanceof Response) || !isJson(payload)) return payload;
  const body = Buffer.from(await payload.arrayBuffer());
  const headers = new Headers(payload.headers);
  // Of the answer to a batch: it is not sent in chunks any more.
  headers.delete('transfer-encoding');
  reply.code(payload.status).headers(Object.fromEntries(headers)).header('vary', varyOf(payload));
  const encoding = body.length < minBytes ? undefined : acceptedEncoding(request.headers['accept-encoding']);
  if (!encoding) return body;
  reply.header('content-encoding', encoding);
  return encoders[encoding](body);
}

function isJson({ headers, body }: Response): boolean {
  return body !== null && headers.get('content-type') === 'application/json';
}

function varyOf({ headers }: Response): string {
  return [headers.get('vary'), 'accept-encoding'].filter(Boolean).join(', ');
}

/** The best encoding that the client takes (RFC 9110, section 12.5.3). */
function acceptedEncoding(accepted = ''): keyof typeof encoders | undefined {
  const names = accepted
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*/))
    .filter(([, weight]) => !/^q=0(\.0*)?$/i.test(weight ?? ''))
    .map(([name]) => name!.toLowerCase());
  return (['br', 'gzip'] as const).find((encoding) => names.includes(encoding));
}
