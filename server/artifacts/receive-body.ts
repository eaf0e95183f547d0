import { type Readable, Transform } from 'node:stream';
import { callbackify } from 'node:util';
import { AppError } from '#server/lib/errors.ts';
import type { ArtifactStore, FilePlace, ReceivedFile } from './artifact-store.ts';

export interface BodyRules {
  /** The body may have so many bytes. */
  mostBytes: number;
  /** Throws the refusal of a larger one. */
  refuse(): never;
  /** Looks at what arrives, before it is stored; a rejection refuses the body. */
  check?: { add(chunk: Buffer): Promise<void>; end(): Promise<void> };
  /** The body is given up when nothing arrives for this long, in ms. */
  stalledMs?: number;
}

/**
 * Receives a stream, such as the body of a request, for a place of a file. Throws what the rules refuse, BAD_REQUEST if the connection breaks or
 * nothing arrives any more, and what the file system says, such as ENOSPC; then nothing is left behind.
 */
export async function receiveBody(
  artifacts: Pick<ArtifactStore, 'receive'>,
  place: FilePlace,
  body: Readable,
  { mostBytes, refuse, check, stalledMs = 60_000 }: BodyRules,
): Promise<ReceivedFile> {
  const stall = new AbortController();
  const timer = setTimeout(() => {
    // The store is slow, and not the sender.
    if (counted.writableNeedDrain || counted.writableEnded) timer.refresh();
    else stall.abort(new AppError('BAD_REQUEST', `Nothing of the file arrived for ${stalledMs / 1_000} s.`));
  }, stalledMs).unref();
  let bytes = 0;
  const see = async (chunk: Buffer) => {
    timer.refresh();
    bytes += chunk.length;
    if (bytes > mostBytes) refuse();
    await check?.add(chunk);
    return chunk;
  };
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => callbackify(see)(chunk, done),
    flush: (done) => callbackify(async () => check?.end())(done),
  });
  // It may fail before the store listens to it.
  counted.on('error', () => {});
  // The answer needs the connection, so only what is behind it is destroyed.
  body.on('error', (error) => counted.destroy(error));
  body.on('aborted', () => counted.destroy(new AppError('BAD_REQUEST', 'The connection broke.')));
  body.pipe(counted);
  try {
    return await artifacts.receive(place, counted, stall.signal);
  } catch (error) {
    body.unpipe(counted);
    throw stall.signal.aborted ? stall.signal.reason : (counted.errored ?? error);
  } finally {
    clearTimeout(timer);
  }
}
