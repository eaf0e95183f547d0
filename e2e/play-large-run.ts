// Plays machines that report a run of thousands of cases to a running app, through its database.
// Arguments: the app's data folder, the id of a test, how many cases, how many runs before, and `finished`, or `live` with the
// part of it (0 to 1) that is over. Prints the run's id; a live run goes on until the process is stopped.
import path from 'node:path';
import pino from 'pino';
import { createDatabase } from '#server/db/database.ts';
import { createPostgresBus } from '#server/bus/postgres-bus.ts';
import { createPublisher } from '#server/live/publisher.ts';
import { beginLargeRun, endLargeRun, goOn, writeUntil } from '#server/testing/large-run.ts';

const [dataDir = '', testId = '', total = '3000', before = '3', mode = 'finished', part = '0.6'] =
  process.argv.slice(2);
const connection = {
  connectionString: `postgres://runlight@localhost/runlight?host=${encodeURIComponent(path.join(dataDir, 'run'))}`,
};
const logger = pino({ level: 'warn' });
const { db, pool, destroy } = createDatabase(connection, { onError: (error) => logger.warn(error) });
const bus = await createPostgresBus({ pool, connection, logger });
const publisher = createPublisher({ bus, logger });
const writer = { db, publisher, queueStats: { changed() {} }, notifier: { wake() {} }, queuedCapacity: 50, logger };
const { projectId, name } = await db
  .selectFrom('tests')
  .select(['projectId', 'name'])
  .where('id', '=', testId)
  .executeTakeFirstOrThrow();
const begin = (seed: number) => beginLargeRun(writer, { projectId, testId, name, total: Number(total), seed });

const hour = 3_600_000;
for (let nth = Number(before); nth > 0; nth -= 1) {
  const run = await begin(nth);
  const begunMs = Date.now() - nth * 6 * hour;
  await writeUntil(writer, run, Infinity, begunMs);
  await endLargeRun(writer, run, begunMs);
}
const run = await begin(0);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
if (mode === 'finished') {
  const begunMs = Date.now() - run.length - 60_000;
  await writeUntil(writer, run, Infinity, begunMs);
  await endLargeRun(writer, run, begunMs);
  console.log(run.runId);
} else {
  const until = run.length * Number(part);
  const begunMs = Date.now() - until;
  const rest = await writeUntil(writer, run, until, begunMs);
  console.log(run.runId);
  await goOn(writer, run, rest, begunMs, stop.signal);
  if (!stop.signal.aborted) await endLargeRun(writer, run, begunMs);
}
await publisher.flush();
await bus[Symbol.asyncDispose]();
await destroy();
