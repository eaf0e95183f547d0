import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { RunlightProcess } from '#server/testing/process.ts';
import { type ProcessName, processNames, type SoakSystem } from './system.ts';

const pageBytes = 4_096;

/** Of a process at one moment. What a process without an API, or one that is away, does not say is null. */
export interface ProcessSample {
  residentMb: number | null;
  descriptors: number | null;
  children: number | null;
  heapMb: number | null;
  watchers: number | null;
  channels: number | null;
}

export interface Sample {
  /** Since the beginning. */
  seconds: number;
  processes: Record<ProcessName, ProcessSample>;
  /** Entries of the folder for temporary files. */
  temporary: number;
  /** Null while the server is away. */
  postgresConnections: number | null;
  redisClients: number | null;
  redisKeys: number | null;
  runs: number | null;
  entries: number | null;
}

export async function takeSample(system: SoakSystem, seconds: number): Promise<Sample> {
  const { db, redis, tmpDir } = system;
  const [temporary, postgresConnections, redisClients, redisKeys, runs, entries, ...samples] = await Promise.all([
    readdir(tmpDir).then((names) => names.length),
    numberOf(db, sql`select count(*) as number from pg_stat_activity where application_name like 'runlight%'`),
    redis.client('LIST').then((list) => String(list).trim().split('\n').length, nothing),
    redis.dbsize().catch(nothing),
    numberOf(db, sql`select count(*) as number from runs`),
    numberOf(db, sql`select count(*) as number from run_events`),
    ...processNames.map((name) => sampleProcess(system.processes[name])),
  ]);
  const processes = Object.fromEntries(
    processNames.map((name, index) => [name, samples[index]!]),
  ) as Sample['processes'];
  return { seconds, processes, temporary, postgresConnections, redisClients, redisKeys, runs, entries };
}

const nothing = () => null;

export function numberOf(db: SoakSystem['db'], query: ReturnType<typeof sql>): Promise<number | null> {
  return query.execute(db).then(({ rows }) => Number((rows as { number: number }[])[0]?.number), nothing);
}

async function sampleProcess({ pid, url, headers }: RunlightProcess): Promise<ProcessSample> {
  const [statm, descriptors, children, metrics] = await Promise.all([
    readFile(`/proc/${pid}/statm`, 'utf8').catch(nothing),
    readdir(`/proc/${pid}/fd`).then((names) => names.length, nothing),
    readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').then(
      (text) => text.split(' ').filter(Boolean).length,
      nothing,
    ),
    url === '' ? null : readMetrics(url, headers).catch(nothing),
  ]);
  const metric = (name: string) => metrics?.get(name) ?? null;
  const heapBytes = metric('nodejs_heap_size_used_bytes');
  return {
    residentMb: statm === null ? null : Math.round((Number(statm.split(' ')[1]) * pageBytes) / 1e6),
    descriptors,
    children,
    heapMb: heapBytes && Math.round(heapBytes / 1e6),
    watchers: metric('runlight_watchers'),
    channels: metric('runlight_bus_channels'),
  };
}

async function readMetrics(url: string, headers: Record<string, string>): Promise<Map<string, number>> {
  const answer = await fetch(`${url}/metrics`, { headers, signal: AbortSignal.timeout(2_000) });
  const lines = (await answer.text()).split('\n').filter((line) => /^\w+ [\d.e+-]+$/.test(line));
  return new Map(lines.map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1])]));
}
