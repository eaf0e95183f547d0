import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReportEntry } from '#shared/reports.ts';
import { isConnectionError } from '#server/db/connection-error.ts';
import { AppError } from '#server/lib/errors.ts';
import { appendReport } from '#server/reports/append-report.ts';
import type { ReportDeps } from '#server/reports/begin-report.ts';
import type { PartEnd } from '#server/reports/decide-run.ts';
import { finishReport, type FinishInput } from '#server/reports/finish-report.ts';
import { type FileDeps, storeFile } from '#server/reports/store-file.ts';

/** Between attempts to write while the database is away, in ms. */
const retryMs = 1_000;

/** The part that a worker reports. */
export interface OwnPart {
  projectId: string;
  runId: string;
  part: number;
  session: string;
}

/**
 * Stores what a part of a suite's run does: in order, each entry once, also through outages of the database. Calls `onLost` when the
 * part is over or another worker has it; what comes after that is dropped.
 */
export function createPartReport(deps: ReportDeps & FileDeps, own: OwnPart, onLost: () => void) {
  const { projectId, ...key } = own;
  let acknowledged = 0;
  let isLost = false;

  /** Tries again while the database is away; undefined once the part is not this worker's any more. */
  async function reach<T>(work: () => Promise<T>): Promise<T | undefined> {
    while (!isLost)
      try {
        return await work();
      } catch (error) {
        if (isOver(error)) {
          isLost = true;
          onLost();
        } else if (isConnectionError(error)) await delay(retryMs);
        else throw error;
      }
    return undefined;
  }

  return {
    reach,
    async append(entries: readonly ReportEntry[]): Promise<void> {
      const after = acknowledged;
      const stored = await reach(() => appendReport(deps, projectId, { ...key, after, entries: [...entries] }));
      if (stored) acknowledged = stored.acknowledged;
    },
    /** Rejects with a sentence for a file that the run has no room for. */
    async store({ file, path }: { file: string; path: string }): Promise<void> {
      await reach(() => storeFile(deps, projectId, { ...key, file, body: createReadStream(path) }));
    },
    /** Resolves to false if the part is not this worker's any more. `decided`: what the worker knows better than Playwright. */
    async finish(
      end: Pick<FinishInput, 'status' | 'undelivered' | 'report'>,
      decided: PartEnd | undefined,
    ): Promise<boolean> {
      await reach(() => finishReport(deps, projectId, { ...key, after: acknowledged, ...end }, decided));
      return !isLost;
    },
  };
}
export type PartReport = ReturnType<typeof createPartReport>;

/** The part has ended or has another worker, or its run is gone. */
function isOver(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'CONFLICT' || error.code === 'NOT_FOUND');
}
