import { Readable } from 'node:stream';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { LimitFunction } from 'p-limit';
import type { ReceivedFile } from './artifact-store.ts';

/** Parts of one file that are sent at once. With the part that is collected, three parts are in memory. */
const partsAtOnce = 2;
const partBytes = 5 * 1024 * 1024;

export interface UploadTo {
  client: S3Client;
  /** Limits the uploads at once: other uploads wait, and so do their senders. */
  slots: LimitFunction;
  object: Omit<PutObjectCommandInput, 'Body'>;
}

/** Uploads a stream, in parts if it is large. Rejects, with nothing left behind, if the stream breaks. */
export async function uploadAll({ client, slots, object }: UploadTo, content: () => Readable): Promise<void> {
  await slots(() => startUpload(client, object, content()).done());
}

/**
 * Uploads a stream while it arrives, and holds back its end: the object is there once it is kept, and nothing is left of it when
 * it is discarded.
 */
export async function holdUpload(
  { client, slots, object }: UploadTo,
  content: Readable,
  signal: AbortSignal,
): Promise<ReceivedFile> {
  let bytes = 0;
  let decide!: (isKept: boolean) => void;
  const decision = new Promise<boolean>((resolve) => (decide = resolve));
  let arrive!: () => void;
  const arrival = new Promise<void>((resolve) => (arrive = resolve));
  async function* held() {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
    arrive();
    if (!(await decision)) throw new Error('The file was discarded.');
  }
  const onAbort = () => content.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let waits = true;
  const gone = new Promise<never>((_, reject) => {
    content.once('error', (error) => {
      // An upload that has begun rejects by itself, once its parts are removed.
      if (waits) reject(error);
    });
  });
  const upload = slots(() => {
    if (content.errored) throw content.errored;
    waits = false;
    return startUpload(client, object, Readable.from(held(), { objectMode: false })).done();
  });
  // After a broken stream nothing awaits the upload: its rejection must not count as unhandled.
  upload.catch(() => {});
  try {
    await Promise.race([arrival, upload, gone]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  return {
    bytes,
    async keep() {
      decide(true);
      await upload;
    },
    async [Symbol.asyncDispose]() {
      decide(false);
      await upload.catch(() => {});
    },
  };
}

function startUpload(client: S3Client, object: UploadTo['object'], content: Readable): Upload {
  return new Upload({
    client,
    params: { ...object, Body: content },
    queueSize: partsAtOnce,
    partSize: partBytes,
  });
}
