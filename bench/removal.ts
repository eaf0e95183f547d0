// Measures what the removal of old runs costs those who use Runlight meanwhile: `npm run bench:removal -- --runs 1000000`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { openServices } from '#server/open-services.ts';
import { createTestClient } from '#server/testing/client.ts';
import { databaseUrl } from '#server/testing/database-url.ts';
import { startRunlight } from '#server/testing/process.ts';
import { redisOf } from '#server/testing/redis.ts';
import { passing } from '#server/testing/scripts.ts';
import { openEnvironment } from './environment.ts';
import { fillOldRuns, ofEachRun } from './old-runs.ts';
import { load, type Timings } from './removal-load.ts';
import { quantile } from './statistics.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
    out: { type: 'string' },
  },
});
const runs = Number(values.runs);
const phaseMs = Number(values.seconds) * 1_000;

const startedAt = performance.now();
function progress(text: string) {
  console.log(`${Math.round((performance.now() - startedAt) / 1_000)} s: ${text}`);
}

await using stack = createCloseStack((error) => console.error(error));
const { database, redisPort, db } = await openEnvironment(stack);
const jobId = uuidv7();
await db
  .insertInto('jobs')
  .values({ id: jobId, projectId: defaultProjectId, name: 'Everything', schedule: null })
  .execute();
await fillOldRuns(db, jobId, runs, (done) => done % 100_000 === 0 && progress(`${done} runs are written`));

const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
stack.defer(() => rm(dataDir, { recursive: true, force: true }));
await mkdir(path.join(dataDir, 'artifacts'));
const env = {
  DATABASE_URL: databaseUrl(database),
  REDIS_URL: `redis://127.0.0.1:${redisPort}`,
  ROLES: 'api',
  DATA_DIR: dataDir,
  QUEUED_CAPACITY: '1000',
};
const api = stack.use(await startRunlight({ ...env, RETENTION_DAYS: '0' }));
const services = await openServices(
  {
    database,
    redis: redisOf({ REDIS_URL: env.REDIS_URL }),
    capacities: { runningCapacity: 5, queuedCapacity: 1_000 },
    fallbackIntervalMs: 30_000,
    secretKey: Buffer.alloc(32),
    logger: pino({ level: 'silent' }),
  },
  stack,
);
const client = createTestClient(api);
const { id: testId } = await client.api.tests.create.mutate({ name: 'Meanwhile', script: passing });

const tables = ['runs', 'run_events', 'run_cases', 'run_parts', 'artifacts'];
async function readTables() {
  const { rows } = await sql<{ name: string; megabytes: number; dead: number; deleted: number; vacuums: number }>`
    select relname as name, round(pg_total_relation_size(relid) / 1e6)::int as megabytes, n_dead_tup as dead,
      n_tup_del as deleted, autovacuum_count as vacuums
    from pg_stat_user_tables where relname = any(${tables}) order by relname`.execute(db);
  return rows;
}

async function measure(name: string, until: Promise<unknown>) {
  const stop = new AbortController();
  const loading = load(api, client, services, testId, stop.signal);
  await until;
  stop.abort();
  const timings = await loading;
  const summary = summarize(timings);
  progress(`${name}: ${JSON.stringify(summary)}`);
  return summary;
}

function summarize(timings: Timings) {
  const round = (value: number) => Math.round(value * 10) / 10;
  return Object.fromEntries(
    Object.entries(timings).map(([kind, times]) => [
      kind,
      {
        count: times.length,
        p50Ms: round(quantile(times, 0.5)),
        p95Ms: round(quantile(times, 0.95)),
        p99Ms: round(quantile(times, 0.99)),
        mostMs: round(Math.max(...times)),
      },
    ]),
  );
}

await measure('warming up', delay(Math.min(10_000, phaseMs)));
const before = await measure('before', delay(phaseMs));
const tablesBefore = await readTables();

const remover = stack.use(await startRunlight({ ...env, RETENTION_DAYS: '30' }));
const removalAt = performance.now();
async function untilRemoved() {
  for (let shown = 0; ;) {
    const { deleted = 0 } = (await readTables()).find(({ name }) => name === 'runs') ?? {};
    if (deleted >= runs) return;
    if (deleted - shown >= runs / 10) progress(`${(shown = deleted)} runs are removed`);
    await delay(1_000);
  }
}
const during = await measure('during', untilRemoved());
const removalS = Math.round((performance.now() - removalAt) / 1_000);
remover.kill('SIGTERM');
await remover.exit;
const after = await measure('after', delay(phaseMs));
const tablesAfter = await readTables();

const result = {
  runs,
  ofEachRun,
  removalS,
  runsPerS: Math.round(runs / removalS),
  machine: { processor: os.cpus()[0]?.model ?? 'unknown', cores: os.availableParallelism(), node: process.version },
  before,
  during,
  after,
  tables: { before: tablesBefore, after: tablesAfter },
};
console.log(JSON.stringify(result, undefined, 1));
if (values.out) await writeFile(values.out, `${JSON.stringify(result, undefined, 1)}\n`);
