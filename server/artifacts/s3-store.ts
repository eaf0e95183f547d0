import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import pLimit from 'p-limit';
import type { S3Settings } from '#server/config/s3-settings.ts';
import { AppError } from '#server/lib/errors.ts';
import type { Logger } from '#server/lib/logger.ts';
import { type ArtifactStore, checkFolder, type FilePlace, isPlainPath } from './artifact-store.ts';
import { contentTypeOf, dispositionOf } from './file-headers.ts';
import { holdUpload, uploadAll, type UploadTo } from './held-upload.ts';
import { listFiles } from './list-files.ts';
import { answerOf, conditionsOf } from './s3-answer.ts';
import { createS3Clients, defaultPatience, type S3Patience } from './s3-clients.ts';
import { explainS3Error, isNoFile, statusOf, toStoreError } from './s3-errors.ts';

/** Of this process. */
const uploadsAtOnce = 16;
/** Bytes of a key, as S3 has them. */
const longestKey = 1_024;
const pingMs = 3_000;
const downloadAttempts = 5;

/** Stores each run's files as `<prefix><runId>/<path>` in a bucket. Throws, with a sentence for operators, if it cannot be used. */
export async function openS3ArtifactStore(
  settings: S3Settings,
  { logger, patience = defaultPatience }: { logger: Logger; patience?: S3Patience },
): Promise<ArtifactStore> {
  const { bucket: Bucket, prefix } = settings;
  const { quick, patient } = createS3Clients(settings, patience);
  const slots = pLimit(uploadsAtOnce);
  const explain = (error: unknown) => new Error(explainS3Error(error, settings), { cause: error });

  /** Undefined for a path that names no file, or that S3 cannot have. */
  function keyOf({ folder, path: inside }: FilePlace): string | undefined {
    const key = `${prefix}${checkFolder(folder)}/${inside}`;
    return isPlainPath(inside) && !/\p{Cc}/u.test(inside) && Buffer.byteLength(key) <= longestKey ? key : undefined;
  }

  function uploadTo(key: string): UploadTo {
    // A type and a disposition of our own: who may read in the bucket cannot be made to run a script from there, either.
    const object = { Bucket, Key: key, ContentType: contentTypeOf(key), ContentDisposition: dispositionOf(key) };
    return { client: patient, slots, object };
  }

  /** Does work with the bucket; its errors become those of a store. */
  async function use<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const known = toStoreError(error, settings);
      if (known instanceof AppError && known !== error) logger.warn({ err: known.cause }, 'the bucket cannot be used');
      throw known;
    }
  }

  async function deleteAll(start: string, client = quick): Promise<void> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: start })) {
      if (Contents.length === 0) continue;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      if (Errors[0]) throw new Error(`${Errors.length} files were not deleted: ${Errors[0].Code} ${Errors[0].Message}`);
    }
  }

  /** A connection that breaks in the middle of the file is no end: the SDK tries again only until the file begins. */
  async function download(Key: string, file: string, attempt = 1): Promise<void> {
    const { Body } = await patient.send(new GetObjectCommand({ Bucket, Key }));
    try {
      await pipeline(Body as Readable, createWriteStream(file));
    } catch (error) {
      if (attempt === downloadAttempts) throw error;
      await download(Key, file, attempt + 1);
    }
  }

  async function signed(key: string): Promise<string> {
    const command = new GetObjectCommand({
      Bucket,
      Key: key,
      ResponseContentType: contentTypeOf(key),
      ResponseContentDisposition: dispositionOf(key),
    });
    return getSignedUrl(quick, command, { expiresIn: settings.signedUrlSeconds || 60 });
  }

  let base: URL;
  try {
    // It also shows that something can be written.
    await quick.send(
      new PutObjectCommand({ Bucket, Key: `${prefix}.runlight`, Body: 'Runlight stores the files of runs here.\n' }),
    );
    base = new URL('.', await signed(`${prefix}x`));
  } catch (error) {
    for (const client of [quick, patient]) client.destroy();
    throw explain(error);
  }

  return {
    kind: 's3',
    signedOrigin: settings.signedUrlSeconds > 0 ? base.origin : undefined,

    put: (runId, sourceDir) =>
      use(async () => {
        const start = `${prefix}${checkFolder(runId)}/`;
        const files = (await listFiles(sourceDir)).map((file) => file.path);
        await deleteAll(start, patient);
        let failure: unknown;
        const store = async (file: string) => {
          const key = keyOf({ folder: runId, path: file });
          if (key === undefined || failure !== undefined) return;
          await uploadAll(uploadTo(key), () => {
            // What waits for its turn does not wait for the end of the same outage again.
            if (failure !== undefined) throw failure;
            return createReadStream(path.join(sourceDir, file));
          });
        };
        await Promise.all(files.map((file) => store(file).catch((error: unknown) => (failure ??= error))));
        if (failure === undefined) return;
        await deleteAll(start).catch(() => {});
        throw failure;
      }),

    receive: (place, content, signal) =>
      use(async () => {
        const key = keyOf(place);
        if (key === undefined)
          throw Object.assign(new Error('S3 cannot have a file of that name.'), { code: 'ENAMETOOLONG' });
        const received = await holdUpload(uploadTo(key), content, signal);
        return { ...received, keep: () => use(received.keep) };
      }),

    size: (place) =>
      use(async () => {
        const Key = keyOf(place);
        if (Key === undefined) return undefined;
        try {
          return (await quick.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength;
        } catch (error) {
          if (isNoFile(error)) return undefined;
          throw error;
        }
      }),

    read: (place, { method = 'GET', headers = {} } = {}) =>
      use(async () => {
        const Key = keyOf(place);
        if (Key === undefined) return undefined;
        const Command = method === 'HEAD' ? HeadObjectCommand : GetObjectCommand;
        const get = async (conditions: ReturnType<typeof conditionsOf>) =>
          answerOf(await quick.send(new Command({ Bucket, Key, ...conditions }) as GetObjectCommand));
        try {
          return await get(conditionsOf(headers));
        } catch (error) {
          if (isNoFile(error)) return undefined;
          const status = statusOf(error);
          // The part that is asked for belongs to another version of the file.
          if (status === 412 && headers['if-range']) return get({});
          if ([304, 412, 416].includes(status)) return { status, headers: {}, content: undefined };
          throw error;
        }
      }),

    onDisk: (place) =>
      use(async () => {
        const Key = keyOf(place);
        if (Key === undefined) return undefined;
        const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-file-'));
        const copy = { file: path.join(dir, 'file'), [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
        try {
          await download(Key, copy.file);
          return copy;
        } catch (error) {
          await copy[Symbol.asyncDispose]();
          if (isNoFile(error)) return undefined;
          throw error;
        }
      }),

    async signedUrl(place) {
      const key = keyOf(place);
      return key === undefined || settings.signedUrlSeconds === 0 ? undefined : use(() => signed(key));
    },

    address({ folder, path: inside }) {
      return new URL([checkFolder(folder), ...inside.split('/').map(encodeURIComponent)].join('/'), base).href;
    },

    async *folders() {
      const pages = paginateListObjectsV2({ client: quick }, { Bucket, Prefix: prefix, Delimiter: '/' });
      for await (const { CommonPrefixes = [] } of pages)
        for (const { Prefix = '' } of CommonPrefixes) {
          const name = Prefix.slice(prefix.length, -1);
          if (/^[\w-]+$/.test(name)) yield name;
        }
    },

    async *files(folder) {
      const start = `${prefix}${checkFolder(folder)}/`;
      for await (const { Contents = [] } of paginateListObjectsV2({ client: quick }, { Bucket, Prefix: start }))
        for (const { Key, Size, LastModified } of Contents)
          yield { path: Key!.slice(start.length), bytes: Size!, modifiedAt: LastModified! };
    },

    delete: (runId) => use(() => deleteAll(`${prefix}${checkFolder(runId)}/`)),

    async deleteFile(place) {
      const Key = keyOf(place);
      if (Key !== undefined) await use(() => quick.send(new DeleteObjectCommand({ Bucket, Key })));
    },

    removeLeftovers: (olderThanMs) =>
      use(async () => {
        let markers: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
        while (markers) {
          const page: {
            Uploads?: { Key?: string; UploadId?: string; Initiated?: Date }[];
            IsTruncated?: boolean;
            NextKeyMarker?: string;
            NextUploadIdMarker?: string;
          } = await quick.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...markers }));
          for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
            if (Initiated!.getTime() < Date.now() - olderThanMs)
              await quick.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
          markers = page.IsTruncated
            ? { KeyMarker: page.NextKeyMarker!, UploadIdMarker: page.NextUploadIdMarker! }
            : undefined;
        }
      }),

    async ping() {
      try {
        await quick.send(new HeadBucketCommand({ Bucket }), { abortSignal: AbortSignal.timeout(pingMs) });
      } catch (error) {
        throw explain(error);
      }
    },

    [Symbol.dispose]() {
      for (const client of [quick, patient]) client.destroy();
    },
  };
}
