import { createTRPCUntypedClient, httpSubscriptionLink } from '@trpc/client';
import { EventSource, type EventSourceInit } from 'eventsource';
import { expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { createSurvivingEventSource } from './surviving-event-source.ts';
import {
  aPage,
  badGateway,
  complete,
  cut,
  eventsUpTo,
  fail,
  misbehavingServer,
  sends,
} from './testing/misbehaving-server.ts';

/** A subscription by tRPC's link over a surviving source. */
function subscribe(url: string) {
  const events: string[] = [];
  const errors: unknown[] = [];
  let started = 0;
  let completed = false;
  const client = createTRPCUntypedClient({
    links: [
      httpSubscriptionLink({
        url,
        EventSource: createSurvivingEventSource<EventSourceInit>({
          EventSource,
          minDelayMs: 5,
          maxDelayMs: 10,
          silenceMs: 20_000,
        }),
      }),
    ],
  });
  const subscription = client.subscription(
    'runs.onEvents',
    { runId: 'r' },
    {
      onStarted: () => (started += 1),
      onData: (event) => events.push((event as { data: string }).data),
      onComplete: () => (completed = true),
      onError: (error) => errors.push(error),
    },
  );
  return {
    events,
    errors,
    started: () => started,
    completed: () => completed,
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}

test('a subscription continues through outages and retryable errors, and completes', async () => {
  const internal = -32603;
  await using server = await misbehavingServer(
    sends(2, cut),
    badGateway,
    sends(2, fail(internal)),
    aPage,
    sends(2, complete),
  );
  using stream = subscribe(server.url);
  await eventually(() => expect(stream.completed()).toBe(true));
  expect(stream.events).toEqual(eventsUpTo(6));
  expect(stream.errors).toEqual([]);
  expect(stream.started()).toBe(3);
  await eventually(() => expect(server.open()).toBe(0));
  expect(server.requests).toHaveLength(5);
});

test('a refusal by the procedure ends it for good', async () => {
  const notFound = -32004;
  await using server = await misbehavingServer(badGateway, sends(0, fail(notFound)), sends(1));
  using stream = subscribe(server.url);
  await eventually(() => expect(stream.errors).toHaveLength(1));
  expect(server.requests).toHaveLength(2);
});

test('a silent connection is replaced by one that resumes', async () => {
  await using server = await misbehavingServer(sends(2, undefined, 100), badGateway, sends(2, complete));
  using stream = subscribe(server.url);
  await eventually(() => expect(stream.completed()).toBe(true));
  expect(stream.events).toEqual(eventsUpTo(4));
});

test('a subscription that is ended at once, as in StrictMode, leaves one stream', async () => {
  await using server = await misbehavingServer(sends(1), sends(1));
  subscribe(server.url)[Symbol.dispose]();
  using stream = subscribe(server.url);
  await eventually(() => expect(stream.events).toHaveLength(1));
  expect(server.requests).toHaveLength(1);
  expect(server.open()).toBe(1);
});
