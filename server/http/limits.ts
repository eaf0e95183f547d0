import type { Duplex } from 'node:stream';
import type { RateLimitPluginOptions } from '@fastify/rate-limit';
import { AppError } from '#server/lib/errors.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { readBearer } from '#server/auth/request-credentials.ts';
import type { Context } from '#server/trpc/context.ts';

/** What one caller may ask of a process at once. */
export interface Limits {
  streamsPerUser: number;
  streamsPerAddress: number;
  /** In a minute. */
  requestsPerKey: number;
}

/** Of a request's first line and headers together. */
export const maxHeaderBytes = 32 * 1024;

/** Settings of @fastify/rate-limit: how often programs may ask. Streams, which stay, are counted otherwise. */
export function keyLimit({ requestsPerKey }: Limits): RateLimitPluginOptions {
  return {
    // The plugin takes what is not finite for its own default.
    max: Number.isFinite(requestsPerKey) ? requestsPerKey : 1,
    timeWindow: 60_000,
    allowList: (request) => !Number.isFinite(requestsPerKey) || readBearer(request.raw) === undefined,
    keyGenerator: (request) => hashSecret(readBearer(request.raw) ?? ''),
    errorResponseBuilder: (_request, { max, after }) =>
      new AppError(
        'TOO_MANY_REQUESTS',
        `A key may make ${max} requests a minute (REQUESTS_PER_KEY); the next is possible in ${after}.`,
      ),
  };
}

const connectionRefusals: Record<string, [status: string, message: string]> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    `Address and headers may have at most ${maxHeaderBytes / 1024} KiB together.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long: headers 10 s, all of it 60 s.'],
};

/** Answers what never became a request, and closes the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, message] = connectionRefusals[error.code ?? ''] ?? ['400 Bad Request', 'This is no HTTP request.'];
  const body = JSON.stringify({ error: status.slice(4).toLowerCase(), message });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Counts the open streams of each caller and of each address. */
export function createStreamLimits({ streamsPerUser, streamsPerAddress }: Limits) {
  const ofUsers = new Map<string, number>();
  const ofAddresses = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string, change: number) => {
    const count = (counts.get(key) ?? 0) + change;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };
  const refuse = (whose: string, setting: string, limit: number): never => {
    throw new AppError(
      'TOO_MANY_REQUESTS',
      `${whose} has ${limit} streams open, as many as are allowed (${setting}). Close some first.`,
    );
  };
  return {
    /** Throws TOO_MANY_REQUESTS; otherwise the stream is counted until it leaves. */
    enter({ principal, address }: Context): void {
      const isLocal = principal.kind === 'local';
      if (!isLocal && (ofUsers.get(principal.id) ?? 0) >= streamsPerUser)
        refuse(principal.name, 'STREAMS_PER_USER', streamsPerUser);
      if (!isLocal && (ofAddresses.get(address) ?? 0) >= streamsPerAddress)
        refuse(address, 'STREAMS_PER_ADDRESS', streamsPerAddress);
      add(ofUsers, principal.id, 1);
      add(ofAddresses, address, 1);
    },
    leave({ principal, address }: Context): void {
      add(ofUsers, principal.id, -1);
      add(ofAddresses, address, -1);
    },
  };
}
