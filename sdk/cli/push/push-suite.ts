import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatBytes } from '#client/ui/format.ts';
import type { Connection } from '#sdk/cli/config/connect.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { isDirty } from '#sdk/reporter/ci/git.ts';
import { identifyBuild } from '#sdk/reporter/ci/identify-build.ts';
import { checkArchive } from './limits.ts';
import type { PreparedSuite } from './prepare-suite.ts';
import type { PushProgress } from './push-progress.ts';
import { compressTar } from './tar.ts';
import { uploadBundle } from './upload-bundle.ts';

export interface PushedSuite {
  suiteId: string;
  bundleId: string;
  /** False: the suite had this bundle before. */
  isNew: boolean;
  /** Bytes that were sent; 0 if Runlight knew them. */
  sentBytes: number;
  branch: string | null;
  commitSha: string | null;
  isDirty: boolean;
}

/** Makes the suite a bundle of Runlight's. Its files are sent if Runlight does not know them. */
export async function pushSuite(
  { env }: Pick<Host, 'env'>,
  { runlight, settings }: Connection,
  suite: PreparedSuite,
  progress: PushProgress,
): Promise<PushedSuite> {
  const { hash, name, dir, config, packageManager, lockFile, playwright, root } = suite;
  const [{ isKnown }, { commit }, dirty] = await Promise.all([
    runlight.suites.findBundle.query({ hash }),
    identifyBuild({ env, cwd: root, buildId: undefined }),
    isDirty(root),
  ]);
  const sentBytes = isKnown ? 0 : await sendBundle(suite, settings, progress);
  const source = { branch: commit.branch, commitSha: commit.sha, isDirty: dirty };
  const pushed = await runlight.suites.push.mutate({
    suite: name,
    hash,
    dir,
    config,
    packageManager,
    lockFile,
    playwright,
    ...source,
    commitMessage: commit.message,
    author: commit.author,
  });
  return { ...pushed, sentBytes, ...source };
}

async function sendBundle(suite: PreparedSuite, client: Connection['settings'], progress: PushProgress) {
  const { root, files, hash } = suite;
  await using archive = await openUnnamed();
  let packed = 0;
  const onFile = () => {
    packed += 1;
    progress.show(`Packing ${packed.toLocaleString('en')} of ${files.length.toLocaleString('en')} files`);
  };
  const onBytes = (bytes: number) => checkArchive(bytes, files);
  const { bytes } = await compressTar({ root, files, onFile }, archive.file, { hash, onBytes });
  const onProgress = (sent: number) => progress.show(`Sending ${formatBytes(sent)} of ${formatBytes(bytes)}`);
  const onRetry = (why: string) => progress.notice(`The bundle is sent again: ${why}`);
  await uploadBundle({ client, hash, file: archive.file, bytes, onProgress, onRetry });
  return bytes;
}

/** A file that is gone with its process, however that ends. */
async function openUnnamed(): Promise<{ file: FileHandle } & AsyncDisposable> {
  const name = path.join(tmpdir(), `runlight-${randomUUID()}.tar.gz`);
  const file = await open(name, 'wx+', 0o600);
  const remove = () => rm(name, { force: true });
  // Not everywhere while it is open.
  await remove().catch(() => {});
  return {
    file,
    async [Symbol.asyncDispose]() {
      await file.close();
      await remove();
    },
  };
}
