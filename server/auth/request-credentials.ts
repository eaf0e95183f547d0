import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { shareHeader } from '#shared/share-links.ts';
import { AppError } from '#server/lib/errors.ts';

/** The value of a cookie, if the request has it. */
export function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** The token of `Authorization: Bearer`, if the request has one. */
export function readBearer({ headers }: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/**
 * The project that a request names: in a header, or in tRPC's `connectionParams` for an EventSource, which cannot send
 * headers. Throws BAD_REQUEST for parameters that are not understood: the caller's default project would not be the one meant.
 */
export function readProject(req: IncomingMessage): string | undefined {
  return readNamed(req, 'x-runlight-project', 'project');
}

/** The run that the request of a guest names, likewise. */
export function readSharedRun(req: IncomingMessage): string | undefined {
  return readNamed(req, shareHeader, 'share');
}

function readNamed({ headers, url = '' }: IncomingMessage, header: string, param: 'project' | 'share') {
  const value = headers[header];
  if (typeof value === 'string') return value;
  const [, text] = /[?&]connectionParams=([^&]*)/.exec(url) ?? [];
  if (text === undefined) return undefined;
  const { data, success } = connectionParams.safeParse(parseJson(text));
  if (!success)
    throw new AppError(
      'BAD_REQUEST',
      'connectionParams must be JSON such as {"project":"<id>"}, or without a project.',
    );
  return data?.[param] ?? undefined;
}

const connectionParams = z.object({ project: z.string().nullish(), share: z.string().nullish() }).nullable();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(text.replaceAll('+', ' ')));
  } catch {
    return undefined;
  }
}
