import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { BegunReport } from '#shared/reports.ts';
import type { Settings as ClientSettings } from '#sdk/client/options.ts';
import { retryDelayMs } from '#sdk/live/retry-delay.ts';
import { bytesInWords } from './words.ts';
import { Alarm } from './clock.ts';
import type { ReportFile } from './report-sink.ts';
import type { ReportedPart } from './reports-api.ts';

const atOnce = 3;
const delays = { minDelayMs: 300, maxDelayMs: 5_000 };

interface UploadsOptions {
  client: ClientSettings;
  onDone(upload: ReportFile): void;
  /** A request that gets no further for this long is cut, in ms. */
  stalledMs?: number;
}

/** Sends files, a few at once. A file that cannot be sent is named in `undelivered`. Never throws. */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #waiting: ReportFile[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #end = new AbortController();
  readonly #alarm = new Alarm();
  #begun: { part: ReportedPart; limits: BegunReport } | undefined;
  #bytes = 0;
  /** Why no file is sent any more. */
  #refusal: string | undefined;
  /** Words for each file that was not sent. */
  readonly undelivered: string[] = [];
  lastProgressAt = Date.now();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  start(part: ReportedPart, limits: BegunReport): void {
    this.#begun = { part, limits };
    this.#next();
  }

  add(upload: ReportFile): void {
    this.#waiting.push(upload);
    this.#next();
  }

  /** Resolves when each file is sent or given up. */
  async flush(): Promise<void> {
    this.#alarm.ring();
    while (this.#running.size > 0) await Promise.all(this.#running);
    for (const upload of this.#waiting.splice(0)) this.#leave(upload, 'there was no time');
  }

  /** Gives up what is not sent. */
  abort(): void {
    this.#end.abort();
    this.#alarm.ring();
  }

  #next(): void {
    while (this.#begun && this.#running.size < atOnce && !this.#end.signal.aborted) {
      const upload = this.#waiting.shift();
      if (!upload) return;
      const running = this.#send(upload, this.#begun)
        .catch((error: unknown) => this.#leave(upload, error instanceof Error ? error.message : String(error)))
        .finally(() => {
          this.#running.delete(running);
          this.#next();
        });
      this.#running.add(running);
    }
  }

  async #send(upload: ReportFile, { part, limits }: { part: ReportedPart; limits: BegunReport }): Promise<void> {
    if (this.#refusal !== undefined) return this.#leave(upload, this.#refusal);
    const bytes = await sizeOf(upload.source);
    if (bytes === undefined) return this.#leave(upload, 'the file is gone');
    if (bytes > limits.maxFileBytes)
      return this.#leave(upload, `${bytesInWords(bytes)}, at most ${bytesInWords(limits.maxFileBytes)} are taken`);
    if (this.#bytes + bytes > limits.maxRunBytes)
      return this.#leave(upload, `all files of a run have at most ${bytesInWords(limits.maxRunBytes)}`);
    this.#bytes += bytes;
    const startedAt = Date.now();
    for (;;) {
      const failure = await this.#attempt(upload, part, bytes);
      if (failure === undefined) {
        this.lastProgressAt = Date.now();
        return this.#options.onDone(upload);
      }
      if (this.#end.signal.aborted) return this.#leave(upload, failure.message);
      if (!failure.isTransient) {
        this.#bytes -= bytes;
        if (failure.isForAll) this.#refusal = failure.message;
        return this.#leave(upload, failure.message);
      }
      await this.#alarm.wait(retryDelayMs({ failingForMs: Date.now() - startedAt, ...delays }));
      if (this.#end.signal.aborted) return this.#leave(upload, failure.message);
    }
  }

  async #attempt(upload: ReportFile, part: ReportedPart, bytes: number): Promise<Failure | undefined> {
    const { client, stalledMs = 30_000 } = this.#options;
    const { url, headers, fetch } = client;
    const { runId, part: index, session } = part;
    const stall = new AbortController();
    const timer = setTimeout(() => stall.abort(new Error(`nothing moved for ${stalledMs / 1_000} s`)), stalledMs);
    timer.unref();
    const onProgress = () => {
      timer.refresh();
      this.lastProgressAt = Date.now();
    };
    const address = `${url}/api/reports/${runId}/${index}/files/${upload.file.split('/').map(encodeURIComponent).join('/')}`;
    try {
      const request: RequestInit & { duplex: 'half' } = {
        method: 'PUT',
        headers: {
          ...headers,
          'x-runlight-session': session,
          'content-type': upload.contentType,
          'content-length': String(bytes),
        },
        body: contentOf(upload.source, bytes, onProgress) as unknown as BodyInit,
        duplex: 'half',
        signal: AbortSignal.any([stall.signal, this.#end.signal]),
      };
      const response = await fetch(address, request);
      const text = await response.text();
      return response.ok ? undefined : failureOf(response.status, text);
    } catch (error) {
      const reason = stall.signal.aborted ? (stall.signal.reason as Error) : ((error as Error).cause ?? error);
      if (isUnreadable(reason)) return { message: 'the file cannot be read', isTransient: false, isForAll: false };
      const message = reason instanceof Error ? reason.message : String(reason);
      return { message: `Runlight could not be reached: ${message}`, isTransient: true, isForAll: false };
    } finally {
      clearTimeout(timer);
    }
  }

  #leave({ name }: ReportFile, why: string): void {
    this.undelivered.push(`${name} (${why})`);
  }
}

interface Failure {
  message: string;
  isTransient: boolean;
  /** True if no other file will be taken either. */
  isForAll: boolean;
}

function failureOf(status: number, body: string): Failure {
  const message = ownWords(body) ?? `the answer was ${status}`;
  // 507: the disk is full. The suite has better to do than to wait for that to change.
  const isForAll = [401, 403, 404, 409, 507].includes(status);
  const isTransient = status === 429 || status === 408 || (status >= 500 && status !== 507);
  return { message, isTransient, isForAll };
}

/** The message of Runlight's own answer. */
function ownWords(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

async function sizeOf(source: string | Buffer): Promise<number | undefined> {
  if (typeof source !== 'string') return source.length;
  try {
    const found = await stat(source);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}

/** Exactly this many bytes: a file may still grow. */
async function* contentOf(source: string | Buffer, bytes: number, onProgress: () => void): AsyncGenerator<Uint8Array> {
  if (bytes === 0) return;
  if (typeof source !== 'string') {
    yield source;
    return;
  }
  for await (const chunk of createReadStream(source, { end: bytes - 1 })) {
    onProgress();
    yield chunk as Buffer;
  }
}

function isUnreadable(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'EIO'].includes(code);
}
