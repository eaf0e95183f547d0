import { PassThrough } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { holdUpload } from './held-upload.ts';

test('an upload that waits for its turn is given up at once when its sender has gone, and takes no turn', async () => {
  const slots = pLimit(1);
  let free!: () => void;
  const first = slots(() => new Promise<void>((resolve) => (free = resolve)));
  const client = new S3Client({ region: 'nowhere', endpoint: 'http://127.0.0.1:9' });
  const to = { client, slots, object: { Bucket: 'bucket', Key: 'key' } };
  const [stalled, broken] = [new PassThrough(), new PassThrough()];
  const stall = new AbortController();
  const uploads = [
    holdUpload(to, stalled, stall.signal),
    holdUpload(to, broken, new AbortController().signal),
    holdUpload(to, stalled, AbortSignal.abort(new Error('stalled'))),
  ];
  stall.abort(new Error('stalled'));
  broken.destroy(new Error('broken'));
  for (const [n, why] of ['stalled', 'broken', 'stalled'].entries()) await expect(uploads[n]).rejects.toThrow(why);
  free();
  await first;
  expect(await slots(async () => 'next')).toBe('next');
});
