import { sql } from 'kysely';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import type { Database } from '#server/db/database.ts';
import type { ReportKey } from './find-report.ts';

export interface RunFilesDeps {
  db: Database;
  artifacts: Pick<ArtifactStore, 'kind' | 'size'>;
}

/**
 * The sizes of stored files, by path. The database knows them, so that a report goes on while a bucket is away. A folder is asked
 * for what the database does not know: versions without buckets did not write it down.
 */
export async function findSizes(
  { db, artifacts }: RunFilesDeps,
  runId: string,
  paths: readonly string[],
): Promise<Map<string, number>> {
  if (paths.length === 0) return new Map();
  const rows = await db
    .selectFrom('runFiles')
    .select(['path', 'bytes'])
    .where('runId', '=', runId)
    .where('path', 'in', paths)
    .execute();
  const sizes = new Map(rows.map(({ path, bytes }) => [path, bytes]));
  const unknown = artifacts.kind === 'local' ? paths.filter((path) => !sizes.has(path)) : [];
  for (const path of unknown) {
    const bytes = await artifacts.size({ folder: runId, path });
    if (bytes !== undefined) sizes.set(path, bytes);
  }
  return sizes;
}

export interface AddedFile {
  path: string;
  bytes: number;
  /** Of the file that it replaces. */
  earlier: number | undefined;
}

/**
 * Writes down a file of a part instead of one that has its path; `earlier` is the size of one that only the folder knows. Resolves
 * to what was added, or to undefined if the reporter does not have the part any more, or if the files that have come meanwhile leave
 * no room for it.
 */
export async function addFile(
  db: Database,
  { runId, part, session }: ReportKey,
  file: AddedFile,
  most: { files: number; bytes: number },
): Promise<AddedFile | undefined> {
  return db.transaction().execute(async (trx) => {
    // The same file may come twice at once: the second sees the first.
    const own = await trx
      .selectFrom('runParts')
      .select('part')
      .where('runId', '=', runId)
      .where('part', '=', part)
      .where('session', '=', session)
      .where('completedAt', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (!own) return undefined;
    const { path, bytes } = file;
    const known = await trx
      .selectFrom('runFiles')
      .select('bytes')
      .where('runId', '=', runId)
      .where('path', '=', path)
      .executeTakeFirst();
    const earlier = known?.bytes ?? file.earlier;
    const more = { files: earlier === undefined ? 1 : 0, bytes: bytes - (earlier ?? 0) };
    const ofOthers = (column: string) => sql`
      (select coalesce(sum(${sql.ref(column)}), 0) from run_parts as other where other.run_id = own.run_id and other.part <> own.part)`;
    const { rows } = await sql`
      with of_part as (
        update run_parts as own set
          files = files + ${more.files},
          file_bytes = greatest(0, file_bytes + ${more.bytes}),
          heartbeat_at = now()
        where run_id = ${runId} and part = ${part}
          and files + ${more.files} + ${ofOthers('files')} <= ${most.files}
          and file_bytes + ${more.bytes} + ${ofOthers('fileBytes')} <= ${most.bytes}
        returning run_id
      )
      insert into run_files (run_id, path, bytes) select run_id, ${path}, ${bytes} from of_part
      on conflict (run_id, path) do update set bytes = excluded.bytes
      returning path`.execute(trx);
    return rows.length > 0 ? { path, bytes, earlier } : undefined;
  });
}

/** Undoes `addFile` for a file that could not be stored in the end. */
export async function takeBackFile(
  db: Database,
  { runId, part }: ReportKey,
  { path, bytes, earlier }: AddedFile,
): Promise<void> {
  await sql`
    with of_part as (
      update run_parts set
        files = files - ${earlier === undefined ? 1 : 0},
        file_bytes = greatest(0, file_bytes - ${bytes - (earlier ?? 0)})
      where run_id = ${runId} and part = ${part}
    ), gone as (
      delete from run_files where run_id = ${runId} and path = ${path} and ${earlier === undefined}
    )
    update run_files set bytes = ${earlier ?? 0}
    where run_id = ${runId} and path = ${path} and ${earlier !== undefined}`.execute(db);
}
