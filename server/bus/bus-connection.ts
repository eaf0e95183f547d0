import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from './bus.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { createChannelRegistry, type ChannelCommands } from './channel-registry.ts';
import { within } from '#server/lib/within.ts';
import type { Logger } from '#server/lib/logger.ts';

const firstRetryMs = 50;
const maxRetryMs = 2_000;

export interface BusTimings {
  /** How long a connection, a subscription, a publication or a ping may take; default 5,000. */
  timeoutMs?: number;
  /** Interval of keep-alive pings, which detect a connection that died silently; default 10,000. */
  heartbeatMs?: number;
}

/** One connection. It is never reused after its end. */
export interface Link extends ChannelCommands {
  ping(): Promise<unknown>;
  /** Ends the connection; pending commands reject. Idempotent, never throws. */
  close(): Promise<void>;
}

export interface LinkEvents {
  message(channel: string, message: string | undefined): void;
  /** May be called more than once. */
  end(error: Error): void;
}

export interface BusConnection<L extends Link> extends Pick<Bus, 'subscribe' | 'onState' | 'channelCount'> {
  readonly state: Bus['state'];
  /** The current connection. Throws when the bus is down. */
  link(): L;
  /** Ends the connection and any attempt to connect. Pending subscriptions reject. */
  close(): Promise<void>;
}

/**
 * Keeps one link open, with all channels subscribed on it. Resolves when it is up for the first time. Rejects if that
 * takes longer than `timeoutMs`, with one error that says where, why and what to do; nothing stays open then. `open` must
 * reject, and close what it opened, when its signal aborts or after `timeoutMs`.
 */
export async function connectBus<L extends Link>(
  options: Required<BusTimings> & {
    /** Such as "Redis". */
    name: string;
    /** Such as "127.0.0.1:6379". */
    address: string;
    advice: string;
    open(events: LinkEvents, signal: AbortSignal): Promise<L>;
    logger: Logger;
  },
): Promise<BusConnection<L>> {
  const { name, address, timeoutMs, heartbeatMs, logger } = options;
  const registry = createChannelRegistry({ name, timeoutMs, logger });
  const stateListeners = new Set<(event: 'down' | 'reset') => void>();
  const stop = new AbortController();
  let link: L | undefined;
  let lastError: unknown;

  function emit(event: 'down' | 'reset'): void {
    const listeners = [...stateListeners];
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        logger.warn({ err: error, event }, 'a listener of the bus failed');
      }
    }
  }

  /** Opens a link and resolves when it has ended, to whether it was up. Never throws. */
  async function useLink(onUp: () => void): Promise<boolean> {
    let end!: (error: unknown) => void;
    const ended = new Promise<never>((_, reject) => (end = reject));
    ended.catch(() => {});
    const abort = () => end(stop.signal.reason);
    stop.signal.addEventListener('abort', abort);
    let opened: L | undefined;
    let heartbeat: NodeJS.Timeout | undefined;
    let live = true;
    try {
      const message: LinkEvents['message'] = (channel, text) => {
        if (live) registry.dispatch(channel, text);
      };
      opened = await options.open({ message, end }, stop.signal);
      await Promise.race([ended, registry.attach(opened, end)]);
      const current = opened;
      heartbeat = setInterval(() => {
        within(timeoutMs, current.ping(), `no answer within ${timeoutMs} ms`).catch(end);
      }, heartbeatMs);
      link = opened;
      onUp();
      await ended;
    } catch (error) {
      lastError = error;
    }
    live = false;
    clearInterval(heartbeat);
    stop.signal.removeEventListener('abort', abort);
    const wasUp = link !== undefined;
    link = undefined;
    registry.detach(lastError);
    if (wasUp && !stop.signal.aborted) {
      logger.warn({ address, err: lastError }, `lost ${name}; reconnecting`);
      emit('down');
    }
    await opened?.close();
    return wasUp;
  }

  async function keepUp(onFirstUp: () => void): Promise<void> {
    let failures = 0;
    let isFirst = true;
    while (!stop.signal.aborted) {
      const wasUp = await useLink(() => {
        if (isFirst) return onFirstUp();
        logger.info({ address, channels: registry.channelCount() }, `${name} is back`);
        emit('reset');
      });
      if (wasUp) isFirst = false;
      failures = wasUp ? 0 : failures + 1;
      const retryMs = Math.min(maxRetryMs, firstRetryMs * 2 ** failures) * (0.5 + Math.random() / 2);
      await delay(retryMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  let running!: Promise<void>;
  const firstUp = new Promise<void>((resolve) => (running = keepUp(resolve)));

  async function close(): Promise<void> {
    stop.abort(new Error(`the connection to ${name} was closed`));
    registry.close();
    await running;
  }

  const isUp = await within(timeoutMs, firstUp, '').then(
    () => true,
    () => false,
  );
  if (!isUp) {
    // Closing overwrites the error of the last attempt.
    const cause = lastError ?? new Error(`no answer within ${timeoutMs} ms`);
    await close();
    throw new Error(`${name} at ${address} cannot be reached: ${errorMessage(cause)}. ${options.advice}`, { cause });
  }

  return {
    get state() {
      return link ? ('up' as const) : ('down' as const);
    },
    link() {
      if (link) return link;
      throw new Error(`${name} at ${address} is out of reach: ${errorMessage(lastError)}`, { cause: lastError });
    },
    subscribe: (channel, listener, { signal } = {}) => registry.subscribe(channel, listener, signal),
    onState(listener) {
      // A function that is added twice must be removed twice, so each gets a wrapper.
      const wrapped = (event: 'down' | 'reset') => listener(event);
      stateListeners.add(wrapped);
      return () => void stateListeners.delete(wrapped);
    },
    channelCount: registry.channelCount,
    close,
  };
}
