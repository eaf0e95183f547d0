// Stores the files of a folder, and prints how long that took and how much memory; `artifacts.ts` starts it.
import { createReadStream } from 'node:fs';
import path from 'node:path';
import pLimit from 'p-limit';
import { pino } from 'pino';
import { listFiles } from '#server/artifacts/list-files.ts';
import { openArtifactStore } from '#server/artifacts/open-artifact-store.ts';
import type { S3Settings } from '#server/config/s3-settings.ts';

/** As a reporter sends them. */
const filesAtOnce = 3;

const { kind, way, source, dir, settings } = JSON.parse(process.argv[2]!) as {
  kind: 'local' | 's3';
  way: 'receive' | 'put';
  source: string;
  dir: string;
  settings: S3Settings;
};
using store = await openArtifactStore({ dir, s3: kind === 's3' ? settings : undefined }, pino({ level: 'silent' }));
const before = process.memoryUsage.rss();
const startedAt = performance.now();
if (way === 'put') await store.put('run', source);
else
  await pLimit(filesAtOnce).map(await listFiles(source), async ({ path: file }) => {
    const content = createReadStream(path.join(source, file));
    await using received = await store.receive({ folder: 'run', path: file }, content, new AbortController().signal);
    await received.keep();
  });
const ms = performance.now() - startedAt;
console.log(JSON.stringify({ ms, residentBytes: process.resourceUsage().maxRSS * 1024 - before }));
