import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { startObjectStorage, storageCredentials } from '#server/testing/object-storage.ts';
import type { ArtifactsResult, StoredFiles } from './results.ts';

/** Of a run: 1 GB in 500 files, as screenshots, traces and videos are. Sizes in bytes. */
const largeRun = [
  { count: 400, bytes: 500_000 },
  { count: 80, bytes: 4_000_000 },
  { count: 20, bytes: 24_000_000 },
];
/** A tenth of it, for the memory. */
const smallRun = largeRun.map(({ count, bytes }) => ({ count: count / 10, bytes }));

/**
 * The files of a run into a folder and into a bucket, each in a process of its own: sent one by one as reporters send them, and
 * stored as a whole as runs of scripts are.
 */
export async function measureArtifacts(progress: (text: string) => void): Promise<ArtifactsResult> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
  try {
    await using storage = await startObjectStorage();
    const settings = await storage.bucket('bench');
    const store = async (kind: 'local' | 's3', way: 'receive' | 'put', run: typeof largeRun): Promise<StoredFiles> => {
      const source = await mkdtemp(path.join(dir, 'source-'));
      await writeFiles(source, run);
      const child = spawn(
        process.execPath,
        [
          '--no-warnings',
          '--conditions=runlight-source',
          '--import',
          'tsx',
          path.join(import.meta.dirname, 'store-files.ts'),
          JSON.stringify({ kind, way, source, dir: path.join(dir, 'store'), settings }),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'], env: storageCredentials },
      );
      const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      if (code !== 0) throw new Error(`the files were not stored: exit code ${code}`);
      await rm(source, { recursive: true });
      await rm(path.join(dir, 'store'), { recursive: true, force: true });
      const stored = JSON.parse(said) as StoredFiles;
      const megabytes = run.reduce((sum, { count, bytes }) => sum + count * bytes, 0) / 1e6;
      progress(
        `${megabytes} MB ${way === 'put' ? 'as a whole' : 'one by one'}, ${kind}: ${(stored.ms / 1_000).toFixed(1)} s, ${(stored.residentBytes / 1e6).toFixed(0)} MB more memory`,
      );
      return stored;
    };
    const ways = async (kind: 'local' | 's3') => ({
      received: await store(kind, 'receive', largeRun),
      receivedTenth: await store(kind, 'receive', smallRun),
      put: await store(kind, 'put', largeRun),
    });
    return { local: await ways('local'), s3: await ways('s3') };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function writeFiles(dir: string, run: typeof largeRun): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const { count, bytes } of run) {
    const content = Buffer.alloc(bytes, 'artifact');
    for (let n = 0; n < count; n += 1) await writeFile(path.join(dir, `${bytes}-${n}.bin`), content);
  }
}
