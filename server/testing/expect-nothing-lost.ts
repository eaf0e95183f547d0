import { expect } from 'vitest';
import type { RunWriter } from '#server/runs/commit-run.ts';
import { toCaseState } from '#server/runs/write-cases.ts';
import { readTruth } from './produce.ts';
import type { Counts, Watchers } from './watchers.ts';

/**
 * Waits for the streams of all watchers to be completed, and expects of each that it got every entry of the log
 * exactly once and in order, or versions in order and none twice, and the run's end; and that states of cases are the rows. Prints what it counted.
 */
export async function expectNothingLost(
  title: string,
  watchers: Watchers,
  writer: RunWriter,
  runId: string,
  print: (line: string) => void = console.log,
): Promise<Counts> {
  await watchers.ended;
  const truth = await readTruth(writer, runId);
  expect(truth.head).toBe(truth.seq);
  expect(truth.entries).toBe(truth.seq);
  const counts = watchers.count(truth);
  print(`${title}: ${JSON.stringify(counts)}`);
  expect(counts).toMatchObject({ delivered: counts.sent, lost: 0, doubled: 0 });
  expect(watchers.verdicts()).toEqual([truth.status]);
  expect([watchers.seq(), watchers.version()]).toEqual([truth.seq, truth.version]);
  const rows = await writer.db.selectFrom('runCases').selectAll().where('runId', '=', runId).orderBy('index').execute();
  for (const states of watchers.caseStates()) expect(states).toEqual(rows.map(toCaseState));
  return counts;
}
