import { request } from 'node:http';
import type { OpeningResult } from './results.ts';
import { accessToken } from './serving.ts';

interface Answer {
  /** As it travels, compressed, without headers. */
  bytes: number;
  ms: number;
}

/** The page asks for the failures of these cases first. Cases that passed are not in the answer. */
const shownFailures = Array.from({ length: 200 }, (_, index) => index);

/** What the page of a run reads when it is opened, at the same time. */
const reads = (runId: string): [name: string, input: object][] => [
  ['runs.byId', { runId }],
  ...[0, 1, 2, 3].map((part): [string, object] => ['runs.manifest', { runId, part }]),
  ['runs.states', { runId }],
  ['runs.errors', { runId }],
  ['runs.compare', { runId }],
  ['runs.firstFailures', { runId, indexes: shownFailures }],
  ['runs.log', { runId, limit: 500 }],
];

/** Opens the runs by turns, `rounds` times each. */
export async function measureOpenings(
  port: number,
  runIds: readonly string[],
  rounds: number,
): Promise<OpeningResult[]> {
  const results = runIds.map((): OpeningResult => ({ rounds: [] }));
  // What is compiled at run time, and what Postgres keeps in memory.
  for (const runId of runIds) await openRun(port, runId);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, runId] of runIds.entries()) results[index]!.rounds.push(await openRun(port, runId));
  return results;
}

async function openRun(port: number, runId: string): Promise<OpeningResult['rounds'][number]> {
  const startedAt = performance.now();
  const answers = await Promise.all(
    reads(runId).map(async ([name, input]) => ({ name, ...(await read(port, name, input)) })),
  );
  const ms = performance.now() - startedAt;
  return { ms, bytes: answers.reduce((sum, { bytes }) => sum + bytes, 0), answers };
}

function read(port: number, name: string, input: object): Promise<Answer> {
  const startedAt = performance.now();
  const path = `/api/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`;
  const headers = { authorization: `Bearer ${accessToken}`, 'accept-encoding': 'gzip' };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (res) => {
      let bytes = 0;
      res.on('data', (chunk: Buffer) => (bytes += chunk.length));
      res.on('error', reject);
      res.on('end', () => {
        if (res.statusCode === 200) resolve({ bytes, ms: performance.now() - startedAt });
        else reject(new Error(`${name} answered ${res.statusCode}`));
      });
    })
      .on('error', reject)
      .end();
  });
}
