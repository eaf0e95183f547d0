import { setTimeout as delay } from 'node:timers/promises';
import { jobChannels, runCasesChannel } from '#shared/channels.ts';
import type { CaseChanges, CaseState } from '#shared/run-cases.ts';
import type { Call } from './calls.ts';
import type { StartedContender } from './contender.ts';
import { watchRequest } from './contenders.ts';
import type { Environment } from './environment.ts';
import type { GeneratorHandlers } from './generator.ts';
import { markerOf } from './marker.ts';
import type { FramesResult } from './results.ts';
import { accessToken } from './serving.ts';
import { stateOf } from './traffic.ts';

const watchers = 1_000;
/** A worker writes this often, in ms. */
const commitMs = 50;
/** A watcher of cases gets a frame this often, in ms. */
const frameMs = 250;
const casesPerS = 100;
const deliverWithinMs = 30_000;

/**
 * CPU of the server for each frame that it sends to 1,000 watchers of a run that settles 100 cases a second: of its cases,
 * and of its state, which is published as often as such watchers get a frame. By turns, from one process: two that run the
 * same differ by more than what is measured.
 */
export async function measureFrames(
  { port, server, crowd, probes }: StartedContender,
  { environment, rounds, seconds }: { environment: Environment; rounds: number; seconds: number },
): Promise<FramesResult> {
  const [statusRun, casesRun] = await environment.createRuns(2);
  await probes('yieldCpu', 10);
  const connect = async (clients: Call<GeneratorHandlers>, request: string) =>
    clients('connect', { port, requests: [request], count: watchers, inFlight: 100, websocket: false });
  await connect(crowd, watchRequest('runlight', port, statusRun!));
  await connect(probes, casesRequest(port, casesRun!));
  const commitStatus = createCommits(environment, statusRun!);
  const commitCases = createCommits(environment, casesRun!);

  async function measure(clients: Call<GeneratorHandlers>, commit: () => Promise<number>) {
    const before = await clients('count');
    const usageBefore = await server('usage');
    const version = await sendFor(seconds, commit);
    if (!(await clients('waitFor', { version, withinMs: deliverWithinMs })))
      throw new Error(`not everybody has the newest state within ${deliverWithinMs} ms`);
    const usage = await server('usage');
    const frames = (await clients('count')).frames - before.frames;
    return { frames, cpuUs: (usage.cpuUs - usageBefore.cpuUs) / frames };
  }

  // What is compiled at run time.
  await measure(crowd, commitStatus);
  await measure(probes, commitCases);
  const result: FramesResult = { watchers, status: [], cases: [] };
  for (let round = 0; round < rounds; round += 1) {
    result.status.push(await measure(crowd, commitStatus));
    result.cases.push(await measure(probes, commitCases));
  }
  return result;
}

/** Resolves to the last version. What takes longer than planned does not delay the others. */
async function sendFor(seconds: number, commit: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  let version = 0;
  for (let turn = 1; turn <= (seconds * 1_000) / commitMs; turn += 1) {
    version = await commit();
    await delay(Math.max(0, startedAt + turn * commitMs - performance.now()));
  }
  return version;
}

function casesRequest(port: number, runId: string): string {
  const input = encodeURIComponent(JSON.stringify({ runId }));
  return [
    `GET /api/trpc/runs.onCases?input=${input} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'accept: text/event-stream',
    `authorization: Bearer ${accessToken}`,
    '',
    '',
  ].join('\r\n');
}

/** What a worker writes and publishes while cases settle, one version of the run after the other; resolves to the version. */
function createCommits({ db, redis }: Environment, runId: string): () => Promise<number> {
  const startedAt = new Date().toISOString();
  // The row begins with version 1.
  let version = 1;
  let settled = 0;
  return async () => {
    version += 1;
    const cases = Array.from({ length: (casesPerS * commitMs) / 1_000 }, (): CaseState => {
      settled += 1;
      return [1 + (settled % 5_000), 'passed', 0, 100 + (settled % 900), ''];
    });
    // Of one case that changes each time only its newest state is left in a frame, and so one marker.
    cases.push([0, 'running', 0, null, markerOf(version)]);
    const counts = { total: 5_001, passed: settled, failed: 0, skipped: 0, flaky: 0, notRun: 0, quarantined: 0 };
    const changes: CaseChanges = { version, status: 'running', counts, cases };
    // A read finds the run where its messages are.
    await db.updateTable('runs').set({ version }).where('id', '=', runId).execute();
    const messages = redis.pipeline().publish(runCasesChannel(runId).name, JSON.stringify(changes));
    if (version % (frameMs / commitMs) === 1)
      messages.publish(jobChannels(runId).status.name, JSON.stringify(stateOf(runId, version, startedAt)));
    await messages.exec();
    return version;
  };
}
