import type { FileHandle } from 'node:fs/promises';
import { RefusedError, UnreachableError } from '#sdk/client/errors.ts';
import { ownWords, unreachable } from '#sdk/client/explain.ts';
import type { Settings } from '#sdk/client/options.ts';
import { describeNetworkError } from '#sdk/live/network-error.ts';
import { retryDelayMs } from '#sdk/live/retry-delay.ts';

/** A request that gets no further for this long is cut, in ms. */
const stalledMs = 60_000;
/** After this long without a byte that arrives, Runlight is away. */
const patienceMs = 120_000;
const delays = { minDelayMs: 500, maxDelayMs: 5_000 };
const retried = new Set([408, 425, 429]);

export interface BundleUpload {
  client: Pick<Settings, 'url' | 'headers' | 'fetch'>;
  hash: string;
  file: FileHandle;
  bytes: number;
  /** Of the attempt that goes on. */
  onProgress(sent: number): void;
  /** The connection broke, and everything is sent again. */
  onRetry(why: string): void;
}

/** Sends the archive. One that is cut is sent again as a whole; the same bundle twice is one. Throws a `RunlightError`. */
export async function uploadBundle(upload: BundleUpload): Promise<void> {
  let movedAt = performance.now();
  const onProgress = (sent: number) => {
    movedAt = performance.now();
    upload.onProgress(sent);
  };
  for (;;) {
    try {
      return await attempt({ ...upload, onProgress });
    } catch (error) {
      const failingForMs = performance.now() - movedAt;
      if (!isTransient(error) || failingForMs > patienceMs) throw error;
      upload.onRetry(error.message);
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs({ failingForMs, ...delays })));
    }
  }
}

function isTransient(error: unknown): error is RefusedError | UnreachableError {
  if (!(error instanceof RefusedError)) return error instanceof UnreachableError;
  // 507: the disk is full, and stays so.
  return retried.has(error.status) || (error.status >= 500 && error.status !== 507);
}

async function attempt({ client, hash, file, bytes, onProgress }: BundleUpload): Promise<void> {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Error(`nothing moved for ${stalledMs / 1_000} s`)), stalledMs);
  const procedure = 'suites.push';
  const moved = (sent: number) => {
    timer.refresh();
    onProgress(sent);
  };
  const request: RequestInit & { duplex: 'half' } = {
    method: 'PUT',
    headers: { ...client.headers, 'content-type': 'application/gzip', 'content-length': String(bytes) },
    body: contentOf(file, moved) as unknown as BodyInit,
    duplex: 'half',
    signal: stall.signal,
  };
  try {
    const response = await client.fetch(`${client.url}/api/bundles/${hash}`, request);
    const text = await response.text();
    if (response.ok) return;
    const { status } = response;
    const own = ownWords(parsed(text));
    if (!own) throw unreachable(`cannot be reached: it answers ${status}`, { url: client.url, procedure });
    throw new RefusedError(own.message, { ...own, status, procedure });
  } catch (error) {
    if (error instanceof RefusedError || error instanceof UnreachableError) throw error;
    const reason = stall.signal.aborted ? (stall.signal.reason as unknown) : error;
    throw unreachable(`cannot be reached: ${describeNetworkError(reason)}`, {
      url: client.url,
      procedure,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function* contentOf(file: FileHandle, onProgress: (sent: number) => void): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
    sent += (chunk as Buffer).length;
    onProgress(sent);
    yield chunk as Buffer;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
