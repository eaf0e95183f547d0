import type { Readable } from 'node:stream';
import { reportLimits } from '#shared/report-limits.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { receiveBody } from '#server/artifacts/receive-body.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { pathInRun } from './file-path.ts';
import { checkReporter, getReport, type Report, type ReportKey } from './find-report.ts';
import { addFile, findSizes, takeBackFile } from './run-files.ts';

export interface FileDeps {
  db: Database;
  artifacts: Pick<ArtifactStore, 'kind' | 'receive' | 'size'>;
  limits: Pick<RunLimits, 'fileBytes' | 'artifactBytes'>;
}

/**
 * Stores a file of a reported part, in place of one that has its name. Throws NOT_FOUND, CONFLICT if the reporter does not
 * have the part, BAD_REQUEST for a path that leads elsewhere, PAYLOAD_TOO_LARGE beyond the limits of a run, and what the
 * file system says, such as ENOSPC. A file that could not be stored leaves nothing behind.
 */
export async function storeFile(
  deps: FileDeps,
  projectId: string,
  { file, body, declaredBytes = 0, ...key }: ReportKey & { file: string; body: Readable; declaredBytes?: number },
): Promise<{ bytes: number }> {
  const path = pathInRun(key.part, file);
  if (path === undefined)
    throw new AppError(
      'BAD_REQUEST',
      `"${file.slice(0, 200)}" is no path of a file: use plain names, separated by "/".`,
      {
        field: 'file',
      },
    );
  const report = await getReport(deps.db, projectId, key);
  checkReporter(report, key.session);
  const place = { folder: key.runId, path };
  const earlier = (await findSizes(deps, key.runId, [path])).get(path);
  const most = roomIn(deps, report, earlier);
  if (declaredBytes > most.bytes) most.refuse();

  try {
    await using received = await receiveBody(deps.artifacts, place, body, {
      mostBytes: most.bytes,
      refuse: most.refuse,
    });
    const { bytes } = received;
    const limits = { files: reportLimits.files, bytes: deps.limits.artifactBytes };
    const stored = await addFile(deps.db, key, { path, bytes, earlier }, limits);
    if (!stored) {
      const changed = await getReport(deps.db, projectId, key);
      checkReporter(changed, key.session);
      return roomIn(deps, changed, earlier).refuse();
    }
    try {
      await received.keep();
    } catch (error) {
      await takeBackFile(deps.db, key, stored);
      throw error;
    }
    return { bytes };
  } catch (error) {
    const why = whyNotNamed(error);
    if (why === undefined) throw error;
    throw new AppError('BAD_REQUEST', `"${file.slice(0, 200)}" cannot be stored: ${why}.`, { field: 'file' });
  }
}

/** How large the file may be, and the refusal of one that is larger. Throws PAYLOAD_TOO_LARGE if there are too many files. */
function roomIn({ limits }: FileDeps, { ofRun }: Report, earlier: number | undefined) {
  if (earlier === undefined && ofRun.files >= reportLimits.files)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The run has ${ofRun.files.toLocaleString('en')} files, and may have no more.`,
    );
  const left = limits.artifactBytes - ofRun.fileBytes + (earlier ?? 0);
  const bytes = Math.max(0, Math.min(limits.fileBytes, left));
  const mb = (amount: number) => `${(amount / 1e6).toLocaleString('en')} MB`;
  return {
    bytes,
    refuse(): never {
      throw new AppError(
        'PAYLOAD_TOO_LARGE',
        left < limits.fileBytes
          ? `All files of a run may have ${mb(limits.artifactBytes)} together (RUN_MAX_ARTIFACTS_MB), and ${mb(Math.max(0, left))} are left.`
          : `A file may have at most ${mb(limits.fileBytes)} (RUN_MAX_FILE_MB).`,
      );
    },
  };
}

/** Undefined for errors that have nothing to do with the name of a file. */
function whyNotNamed(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENAMETOOLONG') return 'its name is too long';
  return ['ENOTDIR', 'EEXIST', 'EISDIR', 'ENOTEMPTY'].includes(code)
    ? 'a folder or a file of that name is there'
    : undefined;
}
