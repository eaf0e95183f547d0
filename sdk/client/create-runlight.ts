import { createTRPCUntypedClient } from '@trpc/client';
import type { ConnectionState } from '#sdk/live/composed-event-source.ts';
import { FetchEventSource, type FetchEventSourceInit } from '#sdk/live/fetch-event-source.ts';
import type { Outage } from '#sdk/live/outage.ts';
import { createSurvivingEventSource } from '#sdk/live/surviving-event-source.ts';
import type { Api } from './api.ts';
import { callWithRetries } from './call.ts';
import { eventStream } from './event-stream.ts';
import { explain, findRefusal, OutageError } from './explain.ts';
import { fetchJson } from './foreign-answer.ts';
import { createLinks } from './links.ts';
import { readOptions, type RunlightOptions, type Settings } from './options.ts';
import type { CallOptions, SubscriptionCallbacks } from './procedures.ts';

/** Runlight's procedures by feature, such as `runlight.tests.run.mutate({ testId })`. */
export interface Runlight extends Api {
  /** The address of this Runlight, without a slash at its end. */
  readonly url: string;
}

/** Connects to nothing yet. Throws a `RunlightError` for options that cannot be right. */
export function createRunlight(options: RunlightOptions = {}): Runlight {
  const settings = readOptions(options);
  const call = createCaller(settings);
  const features = byName((feature) => byName((name) => call(`${feature}.${name}`)));
  return new Proxy(
    { url: settings.url },
    {
      get: (known, name) => Reflect.get(known, name) ?? Reflect.get(features, name),
    },
  ) as unknown as Runlight;
}

/** An object that makes each property when it is read. It is no promise, and hides nothing that objects have. */
function byName(make: (name: string) => unknown): object {
  return new Proxy(
    {},
    {
      get: (known, name) =>
        typeof name === 'symbol' || name === 'then' || name in known ? Reflect.get(known, name) : make(name),
    },
  );
}

function createCaller({ url, headers, fetch, retries, timeoutMs, outageTimeoutMs, onConnectionChange }: Settings) {
  const reasons = { last: 'the connection has ended' };
  /** Runlight's own refusals end a stream at once, everything else when it lasts too long. */
  const giveUp = (outage: Outage) => {
    if (outage.failure) reasons.last = outage.failure.message;
    const limitMs = outage.wasLive ? outageTimeoutMs : timeoutMs;
    return findRefusal(outage.failure) || outage.lastedMs >= limitMs ? new OutageError(outage) : undefined;
  };
  const client = createTRPCUntypedClient({
    links: createLinks<FetchEventSourceInit>({
      url: `${url}/api/trpc`,
      headers,
      fetch: fetchJson(fetch),
      EventSource: createSurvivingEventSource<FetchEventSourceInit>({
        EventSource: FetchEventSource,
        giveUp,
        onStateChange: connectionListener(onConnectionChange, () => reasons.last),
      }),
      eventSourceInit: { headers, fetch },
    }),
  });

  return (procedure: string) => {
    const call = (type: 'query' | 'mutation', input: unknown, { signal }: CallOptions = {}) =>
      callWithRetries({
        attempt: (signal) => client[type](procedure, input, { signal }),
        explain: (error) => explain(error, { url, procedure }),
        isRepeatable: type === 'query' || hasIdempotencyKey(input),
        url,
        procedure,
        retries,
        timeoutMs,
        signal,
      });
    const subscribe = (
      input: unknown,
      { onData, onError, onComplete, onStarted }: SubscriptionCallbacks<unknown>,
      { signal }: CallOptions = {},
    ) =>
      client.subscription(procedure, input, {
        onData,
        onError: (error) => onError(explain(error, { url, procedure }).error),
        ...(onComplete && { onComplete }),
        ...(onStarted && { onStarted }),
        ...(signal && { signal }),
      });
    return {
      query: (input: unknown, options?: CallOptions) => call('query', input, options),
      mutate: (input: unknown, options?: CallOptions) => call('mutation', input, options),
      subscribe,
      stream: (input: unknown, { signal }: CallOptions = {}) => ({
        [Symbol.asyncIterator]: () =>
          eventStream({
            subscribe: (lastEventId, callbacks) =>
              subscribe(lastEventId === undefined ? input : { ...(input as object), lastEventId }, callbacks),
            signal,
          }),
      }),
    };
  };
}

/** Calls `onChange` when a stream is cut and when it goes on, once each. */
function connectionListener(onChange: Settings['onConnectionChange'], reason: () => string) {
  const lost = new WeakSet<object>();
  return (source: object, state: ConnectionState | null) => {
    if (state === null || state === 'connecting' || (state !== 'live') === lost.has(source)) return;
    if (state === 'live') lost.delete(source);
    else lost.add(source);
    onChange(state === 'live' ? undefined : reason());
  };
}

function hasIdempotencyKey(input: unknown): boolean {
  return ((input ?? {}) as { idempotencyKey?: unknown }).idempotencyKey !== undefined;
}
