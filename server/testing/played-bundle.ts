import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import type { BundleInput } from '#shared/suites.ts';
import type { TestClient } from './client.ts';

/** An entry of a tar, with its content. */
export type PlayedEntry = Partial<Header> & { name: string; content?: string | Buffer };

export interface PlayedArchive {
  hash: string;
  body: Buffer;
}

/** The gzip of a tar. It may have entries that a bundle may not have. */
export async function archiveOf(entries: readonly PlayedEntry[]): Promise<PlayedArchive> {
  const tar = pack();
  for (const { content = '', ...header } of entries) tar.entry({ mtime: new Date(0), mode: 0o644, ...header }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipped(Buffer.concat(chunks));
}

/** An archive of so many empty files. `tar-stream` would take a minute. */
export async function archiveOfMany(count: number): Promise<PlayedArchive> {
  const { body } = await archiveOf([{ name: 'f000000' }]);
  const header = gunzipSync(body).subarray(0, 512);
  const checksum = parseInt(header.toString('latin1', 148, 154), 8);
  const headers = Array.from({ length: count }, (_, index) => {
    const own = Buffer.from(header);
    const digits = String(index).padStart(6, '0');
    const sum = [...digits].reduce((total, digit) => total + Number(digit), checksum);
    own.write(digits, 1, 'latin1');
    own.write(sum.toString(8).padStart(6, '0'), 148, 'latin1');
    return own;
  });
  return gzipped(Buffer.concat([...headers, Buffer.alloc(1_024)]));
}

export function gzipped(tar: Buffer): PlayedArchive {
  return { hash: createHash('sha256').update(tar).digest('hex'), body: gzipSync(tar) };
}

/** A bundle of one file with this text. */
export const bundleSaying = (text: string) => archiveOf([{ name: 'package-lock.json', content: text }]);

/** A server for bundles, with the credentials for it. */
interface Receiver {
  url: string;
  headers: Record<string, string>;
}

export async function sendBundle(
  { url, headers }: Receiver,
  { hash, body }: { hash: string; body: BodyInit | Buffer },
) {
  const answer = await fetch(`${url}/api/bundles/${hash}`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/gzip' },
    body: body as BodyInit,
    duplex: 'half',
  } as RequestInit);
  return { status: answer.status, ...((await answer.json()) as { message?: string; bytes?: number; files?: number }) };
}

export function pushInput(hash: string, more: Partial<BundleInput> = {}): BundleInput {
  return {
    suite: 'web',
    hash,
    dir: '',
    config: 'playwright.config.ts',
    packageManager: 'npm',
    lockFile: 'package-lock.json',
    playwright: '1.60.0',
    branch: 'main',
    commitSha: 'a1b2c3d',
    commitMessage: 'fix: pay by card',
    author: 'Ada',
    isDirty: false,
    ...more,
  };
}

/** Sends and pushes a bundle of these files, else a bundle of one file with `text`. */
export async function playPush(
  app: Receiver & { client: Pick<TestClient, 'api'> },
  { text = 'lock', files, ...more }: Partial<BundleInput> & { text?: string; files?: Record<string, string> } = {},
) {
  const entries = Object.entries(files ?? { 'package-lock.json': text }).map(([name, content]) => ({ name, content }));
  const archive = await archiveOf(entries);
  await sendBundle(app, archive);
  return { hash: archive.hash, ...(await app.client.api.suites.push.mutate(pushInput(archive.hash, more))) };
}
