import http from 'node:http';
import https from 'node:https';
import type { AddressGuard } from './address-guard.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH';
  headers?: Record<string, string>;
  body?: string;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** At most `mostBytes`. */
  body: string;
}

/**
 * Sends one request and reads the beginning of its answer. Follows no redirect and keeps no connection. Rejects when `signal`
 * aborts, with RefusedAddress where the guard refuses the address, and with the error of the network.
 */
export async function sendHttp(
  url: URL,
  { method, headers = {}, body = '' }: HttpRequest,
  { guard, signal, mostBytes = 4_096 }: { guard: AddressGuard; signal: AbortSignal; mostBytes?: number },
): Promise<HttpAnswer> {
  guard.check(url);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        // A pooled connection could be one that another guard has allowed.
        agent: false,
        lookup: guard.lookup,
        signal,
        headers: {
          'user-agent': 'Runlight',
          accept: '*/*',
          ...(method !== 'GET' && { 'content-type': 'application/json' }),
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (answer) => {
        readStart(answer, mostBytes).then(
          (text) => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }),
          reject,
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The first bytes of an answer, which is not read further. */
async function readStart(answer: http.IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= mostBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString();
}
