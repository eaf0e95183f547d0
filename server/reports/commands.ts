import { sql } from 'kysely';
import type { Channel } from '#shared/channels.ts';
import { runCancelChannel } from '#shared/channels.ts';
import type { ReportCommands } from '#shared/reports.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import { z } from 'zod';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import type { ReportKey } from './find-report.ts';

/** Rings when a run is to be cancelled, and when a part of it was ended by somebody else than its reporter. */
export const commandsChannel = (runId: string): Channel<unknown> => ({
  name: runCancelChannel(runId),
  schema: z.unknown(),
});

interface Row {
  key: string;
  projectId: string;
  version: number;
  status: RunStatus;
  session: string | null;
  isOver: boolean;
  by: string | null;
  at: string | null;
}

/** Reads what reporters are to do. All reads of one tick share one query. */
export function createCommandReads(db: Database) {
  const read = batchReads(async (keys: string[]) => {
    const parts = keys.map((key) => key.split(':') as [runId: string, part: string]);
    const { rows } = await sql<Row>`
      select run.id || ':' || own.part as key, run.project_id, run.version, run.status, own.session,
        own.completed_at is not null as is_over, run.cancel_requested_by as by, run.cancel_requested_at as at
      from unnest(${parts.map(([runId]) => runId)}::uuid[], ${parts.map(([, part]) => part)}::integer[]) as asked(run_id, part)
      join runs as run on run.id = asked.run_id join run_parts as own on own.run_id = run.id and own.part = asked.part
      where run.origin = 'reporter'`.execute(db);
    return new Map(rows.map((row) => [row.key, row]));
  });
  /** Undefined if the project has no such part. */
  return async ({ runId, part, session }: ReportKey, projectId: string): Promise<ReportCommands | undefined> => {
    const row = await read(`${runId}:${part}`);
    if (row?.projectId !== projectId) return undefined;
    const { version, status, by, at } = row;
    const isOver = row.isOver || isTerminal(status) || row.session !== session;
    return { version, isOver, cancel: at === null ? null : { by, at } };
  };
}
