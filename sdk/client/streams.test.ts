import { describe, expect, test } from 'vitest';
import {
  aPage,
  badGateway,
  complete,
  cut,
  end,
  eventsUpTo,
  fail,
  hangs,
  misbehavingServer,
  sends,
} from '#sdk/live/testing/misbehaving-server.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { eventually } from '#server/testing/eventually.ts';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { freePort } from '#server/testing/free-port.ts';
import { produce, queueRun } from '#server/testing/produce.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { createRunlight } from './create-runlight.ts';
import { RefusedError, UnreachableError } from './errors.ts';
import type { RunlightOptions } from './options.ts';

const app = useTestApp({});
const runId = '018f0000-0000-7000-8000-000000000000';

/** The log of a run on a server that misbehaves, as a loop gets it. */
async function readLog(url: string, options: RunlightOptions = {}, signal?: AbortSignal): Promise<unknown[]> {
  const events: unknown[] = [];
  const runlight = createRunlight({ url, token: 'x', ...options });
  for await (const { data } of runlight.runs.onEvents.stream({ runId }, { signal })) events.push(data);
  return events;
}

describe('a stream', () => {
  test('brings every entry once through restarts behind a proxy', async () => {
    const { url, token, client, services } = app();
    using proxy = await startRestartingProxy(url);
    const runlight = createRunlight({ url: proxy.url, token });
    const id = await queueRun(client);
    const called: number[] = [];
    let completed = false;
    runlight.runs.onEvents.subscribe(
      { runId: id },
      {
        onData: ({ data }) => called.push(data.seq),
        onError: (error) => expect.fail(error.message),
        onComplete: () => (completed = true),
      },
    );
    const looped: number[] = [];
    const loop = (async () => {
      for await (const { data } of runlight.runs.onEvents.stream({ runId: id })) looped.push(data.seq);
    })();
    await using production = await produce(services, id);
    for (let restart = 1; restart <= 3; restart += 1) {
      const seen = called.length;
      await eventually(() => expect(Math.min(called.length, looped.length)).toBeGreaterThan(seen + 20));
      proxy.restart(3);
      await eventually(() => expect(proxy.refusals()).toBe(0));
    }
    await production.finish('passed');
    await loop;
    await eventually(() => expect(completed).toBe(true));
    const all = Array.from({ length: looped.at(-1)! }, (_, index) => index + 1);
    expect(looped).toEqual(all);
    expect(called).toEqual(all);
  });

  test('ends its connection with its loop, and fails with the reason of its signal', async () => {
    const { url, token, client } = app();
    const runlight = createRunlight({ url, token });
    const id = await queueRun(client);
    for await (const { data } of runlight.runs.onStatus.stream({ runId: id })) {
      expect(data.status).toBe('queued');
      break;
    }
    const abort = new AbortController();
    const reason = new Error('enough');
    await expect(async () => {
      for await (const _ of runlight.runs.onStatus.stream({ runId: id }, { signal: abort.signal })) abort.abort(reason);
    }).rejects.toBe(reason);
    await expect(readLog(url, { token }, abort.signal)).rejects.toBe(reason);
    await eventually(() => expect(app().services.hub.stats().watchers).toBe(0));
    await commitRun(app().services, id, { from: ['queued'], to: 'cancelled' });
  });

  test('waits on the server while its loop is slow, and loses nothing', async () => {
    await using server = await misbehavingServer(sends(1_500), sends(700, complete));
    const events: unknown[] = [];
    const runlight = createRunlight({ url: server.url, token: 'x' });
    for await (const { data } of runlight.runs.onEvents.stream({ runId })) {
      events.push(data);
      if (events.length === 1) await eventually(() => expect(server.open()).toBe(0));
    }
    // The server counts on from the last event that the client names.
    expect(server.requests).toHaveLength(2);
    const resumedAfter = Number(JSON.parse(server.requests[1]!.searchParams.get('input')!).lastEventId);
    expect(resumedAfter).toBeGreaterThanOrEqual(1_000);
    expect(events).toEqual(eventsUpTo(resumedAfter + 700));
  });

  test('survives everything that a proxy may answer', async () => {
    await using server = await misbehavingServer(
      badGateway,
      aPage,
      sends(2, cut),
      badGateway,
      sends(2, fail(-32603)),
      aPage,
      sends(1, end),
      sends(1, complete),
    );
    expect(await readLog(server.url)).toEqual(eventsUpTo(6));
  });
});

describe('a stream that cannot be', () => {
  test('is refused at once with the words of the server', async () => {
    const { url, token } = app();
    await expect(readLog(url)).rejects.toMatchObject({
      constructor: RefusedError,
      code: 'UNAUTHORIZED',
      procedure: 'runs.onEvents',
    });
    await expect(readLog(url, { token })).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
    const errors: Error[] = [];
    const runlight = createRunlight({ url, token: 'rl_wrong' });
    runlight.queue.onStats.subscribe({}, { onData: () => {}, onError: (error) => errors.push(error) });
    await eventually(() => expect(errors).toMatchObject([{ code: 'UNAUTHORIZED' }]));
  });

  test('is refused at once to pages of another origin', async () => {
    const { url, token } = app();
    const foreign: typeof fetch = (input, init) =>
      fetch(input, { ...init, headers: { ...(init?.headers as object), 'sec-fetch-site': 'cross-site' } });
    await expect(readLog(url, { token, fetch: foreign })).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 });
  });

  test('is an error within the time given, with the cause', async () => {
    const port = await freePort();
    await using silent = await misbehavingServer(hangs);
    await using page = await misbehavingServer(...Array.from({ length: 50 }, () => aPage));
    await using faulty = await misbehavingServer(...Array.from({ length: 50 }, () => sends(0, fail(-32603))));
    const cases = [
      [`http://127.0.0.1:${port}`, `cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`],
      [silent.url, 'cannot be reached: there was no answer'],
      [page.url, 'cannot be reached: it answers 200 (text/html)'],
      [faulty.url, 'cannot be reached: it answers: no'],
    ] as const;
    for (const [url, cause] of cases) {
      const error = await readLog(url, { timeoutMs: 1_000 }).catch((reason: Error) => reason);
      expect(error).toBeInstanceOf(UnreachableError);
      expect((error as Error).message).toContain(`Runlight at ${url} ${cause}`);
    }
  });

  test('any more is an error after the time for outages', async () => {
    await using server = await misbehavingServer(sends(3, cut), ...Array.from({ length: 100 }, () => badGateway));
    const error = await readLog(server.url, { outageTimeoutMs: 1_000 }).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error as Error).message).toMatch(/is lost: it answers 502 \(text\/html\), for 1 s/);
  });
});
