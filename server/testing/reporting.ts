import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { TRPCClientError } from '@trpc/client';
import { type ReportEntry, type ReportRefusal } from '#shared/reports.ts';
import type { RunStatus } from '#shared/run-status.ts';
import { createTestClient, type ServerAccess } from './client.ts';
import { beginInput, caseEntry, casesEntry, logEntry, stepEntry } from './played-reporter.ts';

export interface Reporting extends AsyncDisposable {
  runId: string;
  /** Entries that were made so far. */
  made(): number;
  /** How often something was sent that the server has, or not from where it is to go on, or not to its end. */
  irregular(): { twice: number; early: number; cut: number; failed: number };
  /** Sends the rest, and ends the part; resolves to the run's status. */
  finish(): Promise<RunStatus>;
}

export interface ReportingOptions {
  /** API processes. The reporter begins with the first; one that cannot be reached makes it try the next. */
  servers: readonly ServerAccess[];
  cases?: number;
  /** Between batches, in ms. */
  paceMs?: number;
  shard?: { current: number; total: number } | null;
  build?: ReturnType<typeof beginInput>['build'];
}

const atMost = 40;

/**
 * Reports a part as a reporter does over a bad network: it adds a few entries every `paceMs`, sends what is not acknowledged,
 * and goes on where the server says. Sends many batches twice, too early, or cut in the middle. Each output says its number.
 */
export async function startReporting(options: ReportingOptions): Promise<Reporting> {
  const { servers, cases = 20, paceMs = 15, shard = null } = options;
  const clients = servers.map((server) => createTestClient(server));
  const input = beginInput({ shard, ...(options.build && { build: options.build }) });
  const { session } = input;
  const counts = { twice: 0, early: 0, cut: 0, failed: 0 };
  const entries: ReportEntry[] = [casesEntry(...Array.from({ length: cases }, (_, index) => `case ${index}`))];
  let server = 0;
  let acknowledged = 0;
  let round = 0;
  const stop = new AbortController();
  const api = () => clients[server % clients.length]!.api;

  /** What the server says; undefined if it could not be asked. The next one is asked then. */
  async function ask<T>(call: () => Promise<T>): Promise<T | ReportRefusal | undefined> {
    try {
      return await call();
    } catch (error) {
      const data = error instanceof TRPCClientError ? (error.data as { report?: ReportRefusal } | null) : null;
      if (data?.report) return data.report;
      counts.failed += 1;
      server += 1;
      await delay(50);
      return undefined;
    }
  }

  let begun: Awaited<ReturnType<ReturnType<typeof api>['reports']['begin']['mutate']>> | undefined;
  while (!begun) {
    const answer = await ask(() => api().reports.begin.mutate(input));
    if (answer && 'part' in answer) begun = answer;
  }
  const of = { runId: begun.runId, part: begun.part, session };

  const append = (after: number, to: number) =>
    ask(() => api().reports.append.mutate({ ...of, after, entries: entries.slice(after, to) }));

  /** Half a batch, then nothing: the connection breaks. */
  async function sendHalf(): Promise<void> {
    const { url, headers } = servers[server % servers.length]!;
    const body = JSON.stringify({ ...of, after: acknowledged, entries: entries.slice(acknowledged) });
    counts.cut += 1;
    await new Promise<void>((resolve) => {
      const sending = request(`${url}/api/trpc/reports.append`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      });
      sending.on('error', () => {}).on('close', resolve);
      sending.write(body.slice(0, body.length / 2), () => sending.destroy());
    });
  }

  async function send(): Promise<void> {
    const to = Math.min(entries.length, acknowledged + atMost);
    const behind = Math.max(0, acknowledged - 5);
    if (round % 5 === 0) await sendHalf();
    const calls = [append(round % 3 === 0 ? behind : acknowledged, to)];
    if (round % 4 === 0) {
      counts.twice += 1;
      calls.push(append(acknowledged, to));
    }
    if (round % 6 === 0) {
      counts.early += 1;
      calls.push(append(to + 3, to + 5));
    }
    for (const answer of await Promise.all(calls))
      if (answer?.acknowledged !== undefined) acknowledged = Math.max(acknowledged, answer.acknowledged);
  }

  function add(): void {
    const index = round % cases;
    entries.push(
      caseEntry(index, 'running', { attempt: Math.floor(round / cases) }),
      stepEntry(`s${round}`, index),
      stepEntry(`s${round}`, index, { status: 'passed', duration: 3 }),
      caseEntry(index, 'passed', { attempt: Math.floor(round / cases) }),
    );
    for (let line = 0; line <= round % 3; line += 1) entries.push(logEntry(`entry ${entries.length}`, index));
  }

  async function work(): Promise<void> {
    while (!stop.signal.aborted) {
      round += 1;
      add();
      await send();
      await delay(paceMs);
    }
  }
  const working = work();

  return {
    runId: of.runId,
    made: () => entries.length,
    irregular: () => counts,
    async finish() {
      stop.abort();
      await working;
      while (acknowledged < entries.length) {
        round += 1;
        await send();
      }
      for (;;) {
        const end = { ...of, after: entries.length, status: 'passed', undelivered: null } as const;
        const answer = await ask(() => api().reports.finish.mutate(end));
        if (answer && 'status' in answer) return answer.status;
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
    },
  };
}
