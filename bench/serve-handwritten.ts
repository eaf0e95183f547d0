import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import pg from 'pg';
import { listen, runIdOf, type ServerSettings, sseHeaders } from './serving.ts';

interface Status {
  status: string;
  runId?: string;
  duration?: number | null;
  startedAt?: string | null;
  completedAt?: string | null;
  errorDetails?: string | null;
  artifactPaths?: string[] | null;
}

const terminal = ['completed', 'failed', 'passed', 'error'];

const createSSEMessage = (data: Record<string, unknown>) => `data: ${JSON.stringify(data)}\n\n`;

/**
 * The endpoint that Runlight replaces, step by step as it was written: per client one Redis connection, one ping timer,
 * one timer for reads of the database, and JSON parsed and made. Made cheaper in two respects: it writes to Node's
 * response instead of a web stream that a framework copies to it, and logs nothing.
 */
export async function serveHandwritten(settings: ServerSettings): Promise<number> {
  const { redisPort, pingIntervalMs, fallbackIntervalMs } = settings;
  const pool = new pg.Pool({ ...settings.database, max: 10 });
  const findRun = async (runId: string): Promise<Status | undefined> => {
    const { rows } = await pool.query<Status>({
      text: `select id as "runId", status, duration_ms as duration, started_at as "startedAt",
        completed_at as "completedAt", error_details as "errorDetails", artifact_paths as "artifactPaths"
        from runs where id = $1`,
      values: [runId],
    });
    return rows[0];
  };

  return await listen(
    createServer(async (req, res) => {
      const runId = runIdOf(req);
      let connectionClosed = false;
      res.writeHead(200, sseHeaders);
      const run = await findRun(runId);
      if (run && terminal.includes(run.status)) {
        res.end(createSSEMessage({ ...run }));
        return;
      }
      const subscriber = new Redis(redisPort, '127.0.0.1', { maxRetriesPerRequest: null, enableReadyCheck: false });
      subscriber.on('error', () => {});
      const cleanup = () => {
        connectionClosed = true;
        clearInterval(pingInterval);
        clearInterval(fallbackInterval);
        subscriber.disconnect();
        res.end();
      };
      res.on('close', cleanup);
      const pingInterval = setInterval(() => {
        if (!connectionClosed) res.write(': ping\n\n');
      }, pingIntervalMs);
      if (run?.status === 'running')
        res.write(createSSEMessage({ status: run.status, runId, startedAt: run.startedAt, duration: run.duration }));
      else res.write(createSSEMessage({ status: 'waiting' }));

      const statusChannel = `job:${runId}:status`;
      const completeChannel = `job:${runId}:complete`;
      const fallbackInterval = setInterval(async () => {
        const latest = await findRun(runId);
        if (connectionClosed || !latest || !terminal.includes(latest.status)) return;
        res.write(createSSEMessage({ ...latest }));
        cleanup();
      }, fallbackIntervalMs);
      subscriber.on('message', (channel, message) => {
        if (connectionClosed) return;
        const data = JSON.parse(message) as Status;
        res.write(
          createSSEMessage({
            status: data.status,
            runId: data.runId,
            duration: data.duration,
            startedAt: data.startedAt,
            completedAt: data.completedAt,
            errorDetails: data.errorDetails,
            artifactPaths: data.artifactPaths,
          }),
        );
        if (channel === completeChannel) cleanup();
      });
      // Whoever leaves meanwhile makes it fail.
      await subscriber.subscribe(statusChannel, completeChannel).catch(() => {});
    }),
  );
}
