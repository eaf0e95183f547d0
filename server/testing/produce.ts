import { setInterval as every } from 'node:timers/promises';
import { sql } from 'kysely';

import { jobChannels, runCasesChannel, runEventsChannel } from '#shared/channels.ts';
import type { RunEventBody } from '#shared/events.ts';
import type { CaseChanges } from '#shared/run-cases.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import type { Bus, BusMessage } from '#server/bus/bus.ts';
import type { TestClient } from './client.ts';
import { eventually } from './eventually.ts';
import { caseEvent, listedCase } from './played-cases.ts';
import { passing } from './scripts.ts';

export interface Production extends AsyncDisposable {
  /** The highest sequence number in the log that this producer knows of. */
  head(): number;
  /** Messages that mean nothing, sent meanwhile. */
  garbage(): number;
  /** Ends the run unless it has ended; resolves when it is over. */
  finish(status: RunStatus): Promise<void>;
}

type Writer = RunWriter & { bus: Bus };

/** Queues a run of a test and resolves to its id. No worker executes it. */
export async function queueRun({ api }: Pick<TestClient, 'api'>): Promise<string> {
  const { id: testId } = await api.tests.create.mutate({ name: 'Watched', script: passing });
  const { runId } = await api.tests.run.mutate({ testId });
  return runId;
}

/**
 * Begins a queued run and adds to its log, a few entries every `paceMs`, to its state and to so many cases, until told to
 * finish. Whatever cannot be written because the database is away is left out. Sends garbage on the run's channels all the while.
 */
export async function produce(writer: Writer, runId: string, { paceMs = 50, cases = 0 } = {}): Promise<Production> {
  const begun = await commitRun(writer, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  if (!begun) throw new Error('The run is not queued');
  if (cases > 0) {
    const listed = Array.from({ length: cases }, (_, index) => listedCase(`case ${index}`));
    await commitRun(writer, runId, { from: ['running'], listed: { part: 0, cases: listed } });
  }
  let head = begun.seq;
  let garbage = 0;
  const stop = new AbortController();

  async function write(round: number) {
    const events: RunEventBody[] = Array.from({ length: 1 + (round % 4) }, (_, index) => ({
      type: 'log',
      stream: 'stdout',
      text: `round ${round}, line ${index}\n`,
    }));
    // Results of tests are news for the state, too.
    if (round % 5 === 0)
      events.push({
        type: 'test',
        position: 0,
        name: 'Watched',
        status: 'running',
        flaky: false,
        duration: null,
        error: null,
      });
    for (let turn = 0; turn < Math.min(cases, round % 7); turn += 1) {
      const status = (['running', 'failed', 'passed'] as const)[(round + turn) % 3]!;
      events.push(caseEvent((round * 5 + turn) % cases, status, { attempt: round % 3, duration: round }));
    }
    const run = await commitRun(writer, runId, { from: ['running'], events });
    if (run) head = run.seq;
    if (round % Math.ceil(750 / paceMs) === 0)
      await writer.db
        .updateTable('runs')
        .set({ heartbeatAt: sql<string>`now()` })
        .where('id', '=', runId)
        .execute();
  }
  async function litter() {
    const messages = garbageFor(runId);
    await writer.bus.publish(messages);
    garbage += messages.length;
  }
  async function work() {
    let round = 0;
    try {
      for await (const _ of every(paceMs, undefined, { signal: stop.signal })) {
        round += 1;
        await write(round).catch(() => {});
        if (round % 10 === 0) await litter().catch(() => {});
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }
  const working = work();

  return {
    head: () => head,
    garbage: () => garbage,
    async finish(status) {
      stop.abort();
      await working;
      await eventually(async () => {
        await commitRun(writer, runId, { from: ['running'], to: status });
        const { status: now } = await readTruth(writer, runId);
        if (!isTerminal(now)) throw new Error('It goes on');
      });
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
    },
  };
}

/** Nothing of this may reach a watcher. */
function garbageFor(runId: string): BusMessage[] {
  const { status, complete } = jobChannels(runId);
  const log = runEventsChannel(runId);
  const cases = runCasesChannel(runId);
  const texts = ['{', '[]', 'null', '7', '"passed"', '{"status":"exploded"}', '{"status":7}', '{"seq":"one"}', '💥'];
  const messages = [status, complete, log, cases].flatMap(({ name }) =>
    texts.map((message) => ({ channel: name, message })),
  );
  // Well-formed, but of the past and of a future that never comes.
  const entry = { type: 'log', at: '2020-01-01T00:00:00.000Z', stream: 'stdout', text: 'forged' };
  const past = JSON.stringify({ ...entry, seq: 1 });
  const future = JSON.stringify({ ...entry, seq: 1_000_000_000 });
  return [
    ...messages,
    { channel: log.name, message: past },
    { channel: log.name, message: future },
    { channel: status.name, message: JSON.stringify({ status: 'queued', runId, version: 0 }) },
    ...[0, 1_000_000_000].map((version) => ({ channel: cases.name, message: JSON.stringify(changesAt(version)) })),
  ];
}

function changesAt(version: number): CaseChanges {
  const counts = { total: 1, passed: 1, failed: 0, skipped: 0, flaky: 0, notRun: 0, quarantined: 0 };
  return { version, status: 'passed', counts, cases: [[0, 'timed_out', 9, 9, 'fq']] };
}

/** What the database says of a run and its log. */
export async function readTruth({ db }: Pick<Writer, 'db'>, runId: string) {
  const { status, version, seq } = await db
    .selectFrom('runs')
    .select(['status', 'version', 'seq'])
    .where('id', '=', runId)
    .executeTakeFirstOrThrow();
  const log = await db
    .selectFrom('runEvents')
    .select((eb) => [eb.fn.countAll<number>().as('entries'), eb.fn.max('seq').as('head')])
    .where('runId', '=', runId)
    .executeTakeFirstOrThrow();
  return { status, version, seq, entries: log.entries, head: log.head };
}
