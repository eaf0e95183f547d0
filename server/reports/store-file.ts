import type { Readable } from 'node:stream';
import { sql } from 'kysely';
import { reportLimits } from '#shared/report-limits.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { receiveBody } from '#server/artifacts/receive-body.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { pathInRun } from './file-path.ts';
import { checkReporter, getReport, type Report, type ReportKey } from './find-report.ts';

export interface FileDeps {
  db: Database;
  artifacts: Pick<ArtifactStore, 'receive' | 'size'>;
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
  const earlier = await deps.artifacts.size(key.runId, path);
  const most = mostBytes(deps, report, earlier ?? 0);
  if (earlier === undefined && report.ofRun.files >= reportLimits.files)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The run has ${report.ofRun.files.toLocaleString('en')} files, and may have no more.`,
    );
  if (declaredBytes > most.bytes) most.refuse();

  await using received = await receiveBody(deps.artifacts, body, { mostBytes: most.bytes, refuse: most.refuse });
  const isNew = earlier === undefined;
  if (!(await addUsage(deps.db, key, { files: isNew ? 1 : 0, bytes: received.bytes - (earlier ?? 0) })))
    checkReporter(await getReport(deps.db, projectId, key), key.session);
  try {
    await received.moveTo(key.runId, path);
  } catch (error) {
    if (!isInTheWay(error)) throw error;
    throw new AppError(
      'BAD_REQUEST',
      `"${file.slice(0, 200)}" cannot be stored: a folder or a file of that name is there.`,
      {
        field: 'file',
      },
    );
  }
  return { bytes: received.bytes };
}

/** How large the file may be, and the refusal of one that is larger. */
function mostBytes({ limits }: FileDeps, { ofRun }: Report, earlier: number) {
  const left = limits.artifactBytes - ofRun.fileBytes + earlier;
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

/** False if the reporter does not have the part any more. */
async function addUsage(
  db: Database,
  { runId, part, session }: ReportKey,
  { files, bytes }: { files: number; bytes: number },
): Promise<boolean> {
  const { rows } = await sql`
    update run_parts set files = files + ${files}, file_bytes = greatest(0, file_bytes + ${bytes}), heartbeat_at = now()
    where run_id = ${runId} and part = ${part} and session = ${session} and completed_at is null
    returning part`.execute(db);
  return rows.length > 0;
}

function isInTheWay(error: unknown): boolean {
  return ['ENOTDIR', 'EEXIST', 'EISDIR', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '');
}
