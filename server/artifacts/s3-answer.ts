import type { Readable } from 'node:stream';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { AskedFile, ReadFile } from './artifact-store.ts';

type Conditions = Pick<
  GetObjectCommandInput,
  'Range' | 'IfMatch' | 'IfNoneMatch' | 'IfModifiedSince' | 'IfUnmodifiedSince'
>;

/** The headers of a request for a file, as S3 takes them. What it does not know is left out, and then all of the file comes. */
export function conditionsOf(headers: NonNullable<AskedFile['headers']>): Conditions {
  const one = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const date = (name: string) => {
    const value = new Date(one(name) ?? '');
    return Number.isNaN(value.getTime()) ? undefined : value;
  };
  const conditions = {
    IfMatch: one('if-match'),
    IfNoneMatch: one('if-none-match'),
    IfModifiedSince: one('if-none-match') ? undefined : date('if-modified-since'),
    IfUnmodifiedSince: one('if-match') ? undefined : date('if-unmodified-since'),
    // Several ranges at once are answered with the whole file, as HTTP allows.
    Range: /^bytes=(\d+-\d*|-\d+)$/.exec(one('range') ?? '')?.[0],
  };
  const ifRange = conditions.Range ? one('if-range') : undefined;
  if (ifRange?.startsWith('"')) conditions.IfMatch = ifRange;
  else if (ifRange) conditions.IfUnmodifiedSince = date('if-range');
  return Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined));
}

/** The answer of S3 as ours. */
export function answerOf(given: GetObjectCommandOutput): ReadFile {
  const headers = {
    'accept-ranges': 'bytes',
    'content-length': given.ContentLength?.toString(),
    'content-range': given.ContentRange,
    etag: given.ETag,
    'last-modified': given.LastModified?.toUTCString(),
  };
  return {
    status: given.$metadata.httpStatusCode ?? 200,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    content: given.Body as Readable | undefined,
  };
}
