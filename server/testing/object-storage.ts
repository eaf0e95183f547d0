import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '#server/config/s3-settings.ts';
import { freePort } from './free-port.ts';

export interface TestObjectStorage extends AsyncDisposable {
  url: string;
  /** Makes a bucket, and resolves to its settings. */
  bucket(name: string): Promise<S3Settings>;
  /** A client of its own. */
  client: S3Client;
  /** The uploads of a bucket that have not ended. */
  listUploads(name: string): Promise<(string | undefined)[]>;
}

/** Debian's, which has Swift; another Python may come first on the path. */
const python = '/usr/bin/python3';

/** The credentials of the server, where the AWS SDK looks for them. */
export const storageCredentials = { AWS_ACCESS_KEY_ID: 'runlight:test', AWS_SECRET_ACCESS_KEY: 'secret' };

/** Starts OpenStack Swift, which speaks S3, on a free port of 127.0.0.1. Disposing kills it and removes its folder. */
export async function startObjectStorage(): Promise<TestObjectStorage> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-swift-'));
  const port = await freePort();
  const child = spawn(python, [path.join(import.meta.dirname, 'swift-server.py'), dir, String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-4_000)));
  const exit = once(child, 'exit');
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exit]);
  if (line !== 'ready') throw new Error(`Swift did not start; it needs Debian's package python3-swift.\n${said}`);
  const url = `http://127.0.0.1:${port}`;
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'runlight:test', secretAccessKey: 'secret' },
  });
  return {
    url,
    client,
    async listUploads(name) {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: name }));
      return Uploads.map(({ UploadId }) => UploadId);
    },
    async bucket(name) {
      await client.send(new CreateBucketCommand({ Bucket: name }));
      return {
        bucket: name,
        endpoint: url,
        region: undefined,
        prefix: 'team/',
        pathStyle: true,
        signedUrlSeconds: 0,
      };
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      child.kill('SIGKILL');
      await exit;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
