import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { liveStatuses } from '#shared/run-status.ts';
import type { Actors } from './actors.ts';
import { numberOf, type ProcessSample, type Sample, takeSample } from './samples.ts';
import { processNames, type SoakSystem } from './system.ts';

export interface Check {
  what: string;
  isMet: boolean;
  found: string;
}

/** Those that no fault ends: what they leak adds up. */
const spared = ['api-1', 'worker-1'] as const;

/** Connections that a pool may have open at one moment and not at another. */
const moreDescriptors = 12;
/** What counts as flat: the last fifth of the time against the second one. */
const growth = { share: 1.15, mb: 25 };

/** Resolves when `isMet` holds, or after `withinMs` to whether it does. */
export async function becomes(isMet: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    if (await isMet()) return true;
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** No run goes on, and no stream is open. */
export const isIdle = (system: SoakSystem) => async () => {
  const live = await numberOf(
    system.db,
    sql`select count(*) as number from runs where status in (${sql.join(liveStatuses)})`,
  );
  const { processes } = await takeSample(system, 0);
  return live === 0 && processes['api-1'].watchers === 0 && processes['api-2'].watchers === 0;
};

/** What all of it has left behind, when it is over. `atRest` was taken before it began. */
export async function check(
  system: SoakSystem,
  { samples, atRest, actors }: { samples: readonly Sample[]; atRest: Sample; actors: Actors },
): Promise<Check[]> {
  const { db } = system;
  const checks: Check[] = [];
  const add = (what: string, isMet: boolean, found: string | number) => checks.push({ what, isMet, found: `${found}` });

  const ended = await becomes(isIdle(system), 180_000);
  const live = await numberOf(db, sql`select count(*) as number from runs where status in (${sql.join(liveStatuses)})`);
  add('all runs have ended and all streams are closed', ended, `${live} runs are live`);
  const { watchers, sent, lost, doubled, reconnects } = actors.watched;
  add(
    'watchers of reported runs lost nothing and got nothing twice',
    lost === 0 && doubled === 0 && watchers > 0,
    `${watchers} watchers, ${sent} entries, ${lost} lost, ${doubled} doubled, ${reconnects} reconnects`,
  );

  // All that was written, with its files, is now past its retention.
  await sql`update runs set completed_at = now() - interval '31 days'`.execute(db);
  await becomes(async () => (await numberOf(db, sql`select count(*) as number from runs`)) === 0, 120_000);
  for (const table of [
    'runs',
    'run_events',
    'run_cases',
    'run_parts',
    'run_files',
    'artifacts',
    'notification_events',
  ]) {
    const rows = await numberOf(db, sql`select count(*) as number from ${sql.table(table)}`);
    add(`no rows are left in ${table}`, rows === 0, `${rows} rows`);
  }
  const workers = await numberOf(db, sql`select count(*) as number from workers`);
  add('the list of workers has those that are there', workers === 2, `${workers} workers`);
  const folders = (await readdir(path.join(system.dataDir, 'artifacts'))).filter((name) => !/^(\.|bundles)/.test(name));
  add('no folder of a run is left', folders.length === 0, folders.length);

  await becomes(async () => !(await excess(system, atRest)), 60_000);
  const last = await takeSample(system, samples.at(-1)?.seconds ?? 0);
  for (const name of spared) {
    const [begun, now] = [atRest.processes[name], last.processes[name]];
    add(
      `${name} has no more descriptors than before`,
      (now.descriptors ?? Infinity) <= begun.descriptors! + moreDescriptors,
      `${begun.descriptors} → ${now.descriptors}`,
    );
    add(`${name} has no children`, now.children === 0, `${now.children}`);
    addFlat(name, 'residentMb', 'resident memory');
  }
  addFlat('api-1', 'heapMb', 'heap');
  for (const name of ['api-1', 'api-2'] as const)
    add(
      `${name} has no channels but those of before`,
      last.processes[name].channels === atRest.processes[name].channels,
      `${atRest.processes[name].channels} → ${last.processes[name].channels}`,
    );
  add('no temporary files are left', last.temporary <= atRest.temporary, `${atRest.temporary} → ${last.temporary}`);
  const strays = await findStrays(system);
  add('no process is left that Runlight has started', strays.length === 0, strays.join('; ') || 'none');
  return checks;

  function addFlat(name: (typeof spared)[number], field: 'residentMb' | 'heapMb', words: string) {
    const values = samples.flatMap(({ processes }) => processes[name][field] ?? []);
    // A heap grows until garbage is collected: its least is what is used.
    const level = field === 'heapMb' ? (part: number[]) => Math.min(...part) : median;
    const fifth = Math.max(1, Math.floor(values.length / 5));
    const [begun, ended] = [level(values.slice(fifth, 2 * fifth)), level(values.slice(-fifth))];
    add(`${words} of ${name} does not grow`, ended <= begun * growth.share + growth.mb, `${begun} MB → ${ended} MB`);
  }
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** True while something has not gone that goes by itself. */
async function excess(system: SoakSystem, atRest: Sample): Promise<boolean> {
  const now = await takeSample(system, 0);
  const isMore = (field: keyof ProcessSample, more: number) =>
    processNames.some((name) => (now.processes[name][field] ?? 0) > (atRest.processes[name][field] ?? 0) + more);
  return isMore('descriptors', moreDescriptors) || isMore('channels', 0) || isMore('children', 0);
}

/** Processes that have the folder for temporary files in their environment or command, and are none of ours. */
async function findStrays({ tmpDir, processes }: SoakSystem): Promise<string[]> {
  const own = new Set(processNames.map((name) => String(processes[name].pid)));
  const strays: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || own.has(pid)) continue;
    const [environment, command] = await Promise.all(
      ['environ', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (environment!.includes(tmpDir) || command!.includes(tmpDir))
      strays.push(`${pid} ${command!.replaceAll('\0', ' ').slice(0, 100)}`);
  }
  return strays;
}
