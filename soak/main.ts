// Uses Runlight for a long time while something fails every minute, and checks what is left: `npm run soak -- --minutes 60`.
import { setMaxListeners } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { createTestClient } from '#server/testing/client.ts';
import { passing } from '#server/testing/scripts.ts';
import { startActors } from './actors.ts';
import { becomes, check, isIdle } from './checks.ts';
import { faults } from './faults.ts';
import { type FaultMark, plotSoak } from './plot.ts';
import { pushSuite } from './push-suite.ts';
import { type Sample, takeSample } from './samples.ts';
import { startSystem } from './system.ts';

const sampleMs = 5_000;
const faultEveryMs = 60_000;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, out: { type: 'string' } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes must be a number above 0');

const startedAt = performance.now();
const seconds = () => Math.round((performance.now() - startedAt) / 1_000);
const progress = (text: string) => console.log(`${String(seconds()).padStart(5)} s  ${text}`);

await using stack = createCloseStack((error) => console.error(error));
progress('starting PostgreSQL, Redis, two API processes and two workers');
const system = await startSystem(stack);
const suiteId = await pushSuite(system.servers[0]);

progress('one of each, so that everything has been used once');
for (const server of system.servers) {
  const client = createTestClient(server);
  const { id: testId } = await client.api.tests.create.mutate({ name: 'First', script: passing });
  const watched = client.stream((it) => it.runs.onStatus, await client.api.tests.run.mutate({ testId }));
  const ofSuite = client.stream((it) => it.runs.onStatus, await client.api.suites.run.mutate({ suiteId, shards: 2 }));
  await Promise.all([watched.ended, ofSuite.ended]);
  const status = ofSuite.data.at(-1)?.status;
  if (status !== 'passed') throw new Error(`the suite ended as ${status}: ${ofSuite.data.at(-1)?.errorDetails}`);
}
if (!(await becomes(isIdle(system), 60_000))) throw new Error('it does not come to rest at the beginning');
await delay(15_000);
const atRest = await takeSample(system, 0);

const loadAt = performance.now();
const sinceLoad = () => Math.round((performance.now() - loadAt) / 1_000);
const stop = new AbortController();
const { signal } = stop;
// Each that waits listens to it.
setMaxListeners(100, signal);
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
const samples: Sample[] = [];
const marks: FaultMark[] = [];
const actors = await startActors(system, suiteId, signal);

async function sample() {
  while (!signal.aborted) {
    samples.push(await takeSample(system, sinceLoad()));
    await delay(sampleMs, undefined, { signal }).catch(() => {});
  }
}
async function fail() {
  for (let turn = 0; ; turn += 1) {
    await delay(faultEveryMs / 2, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const names = Object.keys(faults);
    const name = names[turn % names.length]!;
    progress(name);
    marks.push({ seconds: sinceLoad(), name });
    const nextAt = performance.now() + faultEveryMs / 2;
    await faults[name]!({ system, anyRun: actors.anyRun, signal });
    await delay(Math.max(0, nextAt - performance.now()), undefined, { signal }).catch(() => {});
  }
}
const working = [sample(), fail()];
await delay(minutes * 60_000, undefined, { signal }).catch(() => {});
stop.abort();
progress('all stop');
await Promise.all([...working, actors.stopped]);
const checks = await check(system, { samples, atRest, actors });

for (const { what, isMet, found } of checks) console.log(`${isMet ? 'ok  ' : 'FAIL'}  ${what} (${found})`);
console.table(actors.done);
if (values.out) {
  const machine = {
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    node: process.version,
  };
  const { done, watched } = actors;
  await mkdir(values.out, { recursive: true });
  const result = { minutes, machine, checks, done, watched, faults: marks, atRest, samples };
  await writeFile(path.join(values.out, 'soak.json'), `${JSON.stringify(result)}\n`);
  await writeFile(path.join(values.out, 'soak.svg'), plotSoak(samples, marks));
  progress(`written to ${values.out}`);
}
process.exitCode = checks.every(({ isMet }) => isMet) ? 0 : 1;
