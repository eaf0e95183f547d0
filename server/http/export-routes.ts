import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type RunExport, runExports } from '#shared/run-exports.ts';
import type { ExportedRun } from '#shared/run-export/exported-run.ts';
import { includesRole } from '#shared/project-role.ts';
import { isTerminal } from '#shared/run-status.ts';
import type { Authenticator } from '#server/auth/authenticator.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { exportNdjson } from '#server/run-exports/ndjson.ts';
import { exportPlaywrightJson } from '#server/run-exports/playwright-report.ts';
import { exportJunit, exportSummary } from '#server/run-exports/text-reports.ts';
import type { RunReads } from '#server/runs/reads.ts';
import { toRunSummary } from '#server/runs/run-state.ts';
import { findParts } from '#server/runs/write-parts.ts';
import { callerOfRun } from './run-access.ts';

type Exporter = (db: Database, report: ExportedRun) => Promise<string> | AsyncGenerator<string>;

const exporters: Record<RunExport, { type: string; write: Exporter }> = {
  'junit.xml': { type: 'application/xml; charset=utf-8', write: exportJunit },
  'report.json': { type: 'application/json', write: exportPlaywrightJson },
  'summary.md': { type: 'text/markdown; charset=utf-8', write: exportSummary },
  'run.ndjson': { type: 'application/x-ndjson', write: exportNdjson },
};

/** Serves `/api/runs/<run>/export/<file>` to viewers, once the run is over: see `RunExport`. */
export function serveExports(
  app: FastifyInstance,
  deps: { db: Database; authenticator: Authenticator; runReads: RunReads },
): void {
  const { db } = deps;
  app.get<{ Params: { runId: string; file: string } }>('/api/runs/:runId/export/:file', async (request, reply) => {
    const { runId, file } = request.params;
    const { caller, run } = await callerOfRun(deps, request.raw, runId);
    if (!includesRole(caller.role, 'viewer'))
      throw new AppError('FORBIDDEN', `This needs the role "viewer" in the project, and yours is "${caller.role}".`);
    if (!isExport(file))
      throw new AppError('NOT_FOUND', `There is no export ${file}: there are ${Object.keys(runExports).join(', ')}.`);
    if (!isTerminal(run.status)) throw new AppError('CONFLICT', 'The run is not over: it can be exported when it is.');
    const { type, write } = exporters[file];
    const report = { run: { ...toRunSummary(run), errorDetails: run.errorDetails, parts: await findParts(db, runId) } };
    const content = write(db, { ...report, url: addressOf(request, deps.authenticator) });
    return reply
      .headers({ 'content-disposition': `attachment; filename="${file}"`, 'cache-control': 'no-store' })
      .type(type)
      .send(content instanceof Promise ? await content : Readable.from(content));
  });
}

const isExport = (file: string): file is RunExport => Object.hasOwn(exporters, file);

/** The address that people use, else the address of the request. The guard has checked its host. */
function addressOf(request: FastifyRequest, { hosts }: Authenticator): string {
  return hosts.addresses.find((address) => /^https?:/.test(address)) ?? `http://${request.headers.host}`;
}
