import type { BusListener } from './bus.ts';
import { AppError } from '#server/lib/errors.ts';
import { within } from '#server/lib/within.ts';
import type { Logger } from '#server/lib/logger.ts';

/** Channels per command: many enough for few round trips, few enough not to delay other commands noticeably. */
const batchSize = 500;

/** Commands of one connection. They resolve when the server has acknowledged all channels, else reject. */
export interface ChannelCommands {
  subscribe(channels: readonly string[]): Promise<unknown>;
  unsubscribe(channels: readonly string[]): Promise<unknown>;
  /** True if the server answered with an error, so that the connection is still usable. */
  isRefusal(error: unknown): boolean;
}

export interface ChannelRegistry {
  subscribe(channel: string, listener: BusListener, signal?: AbortSignal): Promise<() => void>;
  dispatch(channel: string, message: string | undefined): void;
  /**
   * Uses this connection from now on. Resolves when the server has acknowledged every current channel. Calls `fail`, now
   * or later, when a command fails; the owner then detaches the connection.
   */
  attach(commands: ChannelCommands, fail: (error: unknown) => void): Promise<void>;
  /** Forgets the connection. Listeners and pending subscriptions stay for the next one. */
  detach(cause: unknown): void;
  channelCount(): number;
  /** Rejects pending subscriptions and every later call. */
  close(): void;
}

interface Subscription {
  readonly listener: BusListener;
  /** Rises with every subscription. */
  readonly order: number;
  /** Present until the server has acknowledged the subscription. */
  settle?: ((error?: unknown) => void) | undefined;
}

interface Entry {
  readonly channel: string;
  readonly subscriptions: Set<Subscription>;
  /** State on the current connection; `subscribing` and `unsubscribing` while a command is pending. */
  state: 'absent' | 'subscribing' | 'subscribed' | 'unsubscribing';
}

interface Session {
  readonly commands: ChannelCommands;
  readonly fail: (error: unknown) => void;
  busy: boolean;
}

/**
 * Counts listeners per channel and keeps one subscription on the server for each channel with listeners. Each round of
 * commands is acknowledged before the next is sent. So a channel that is wanted again while it is being unsubscribed
 * gets a new subscription, and requests in the meantime share a command.
 */
export function createChannelRegistry(options: {
  /** Name of the server in errors. Clients see it, so it has no address. */
  name: string;
  timeoutMs: number;
  logger: Logger;
}): ChannelRegistry {
  const { name, timeoutMs, logger } = options;
  const entries = new Map<string, Entry>();
  const dirty = new Set<Entry>();
  let nextOrder = 0;
  let current: Session | undefined;
  let detachCause: unknown;
  let closed = false;

  function markDirty(entry: Entry): void {
    dirty.add(entry);
    if (current) void reconcile(current);
  }

  async function reconcile(session: Session): Promise<void> {
    if (session.busy) return;
    session.busy = true;
    try {
      // Requests of the same tick share a command.
      await Promise.resolve();
      while (session === current && dirty.size > 0) {
        const { wanted, unwanted } = nextBatch();
        await subscribeBatch(session, wanted);
        await unsubscribeBatch(session, unwanted);
      }
    } catch (error) {
      if (session === current) session.fail(error);
    } finally {
      session.busy = false;
    }
  }

  function nextBatch(): { wanted: Entry[]; unwanted: Entry[] } {
    const wanted: Entry[] = [];
    const unwanted: Entry[] = [];
    for (const entry of dirty) {
      if (wanted.length === batchSize || unwanted.length === batchSize) break;
      dirty.delete(entry);
      const isWanted = entry.subscriptions.size > 0;
      if (isWanted && entry.state === 'absent') wanted.push(entry);
      if (!isWanted && entry.state === 'subscribed') unwanted.push(entry);
    }
    return { wanted, unwanted };
  }

  async function subscribeBatch(session: Session, batch: readonly Entry[]): Promise<void> {
    if (batch.length === 0 || session !== current) return;
    for (const entry of batch) entry.state = 'subscribing';
    try {
      const channels = batch.map((entry) => entry.channel);
      await within(timeoutMs, session.commands.subscribe(channels), `${name} did not acknowledge a subscription`);
    } catch (error) {
      if (session !== current) return;
      if (!session.commands.isRefusal(error)) throw error;
      return refuse(session, batch, error);
    }
    if (session !== current) return;
    for (const entry of batch) {
      entry.state = 'subscribed';
      for (const subscription of entry.subscriptions) subscription.settle?.();
    }
  }

  /** Servers refuse a command as a whole. Halving it finds the refused channels and subscribes the others. */
  async function refuse(session: Session, batch: readonly Entry[], error: unknown): Promise<void> {
    const [entry] = batch;
    if (batch.length > 1) {
      const middle = batch.length >> 1;
      await subscribeBatch(session, batch.slice(0, middle));
      await subscribeBatch(session, batch.slice(middle));
    } else if (entry) {
      entry.state = 'absent';
      const reason = unavailable(`${name} refused the channel ${entry.channel}`, error);
      for (const subscription of entry.subscriptions) subscription.settle?.(reason);
      // The listeners that are left had the channel on an earlier connection and rely on it.
      if (entry.subscriptions.size > 0) throw reason;
    }
  }

  async function unsubscribeBatch(session: Session, batch: readonly Entry[]): Promise<void> {
    if (session !== current) return;
    // Some channels may be wanted again since the batch was made.
    const unwanted = batch.filter((entry) => entry.subscriptions.size === 0);
    if (unwanted.length === 0) return;
    for (const entry of unwanted) entry.state = 'unsubscribing';
    const channels = unwanted.map((entry) => entry.channel);
    await within(timeoutMs, session.commands.unsubscribe(channels), `${name} did not acknowledge an unsubscription`);
    if (session !== current) return;
    for (const entry of unwanted) {
      entry.state = 'absent';
      if (entry.subscriptions.size === 0) entries.delete(entry.channel);
    }
  }

  const unavailable = (message: string, cause?: unknown) => new AppError('SERVICE_UNAVAILABLE', message, { cause });

  const timeoutError = () =>
    current
      ? unavailable(`${name} did not acknowledge the subscription within ${timeoutMs} ms`)
      : unavailable(`${name} has been out of reach for ${timeoutMs} ms; try again in a moment`, detachCause);

  function acknowledgement(subscription: Subscription, release: () => void, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => subscription.settle?.(timeoutError()), timeoutMs);
      const abort = () => subscription.settle?.(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      subscription.settle = (...failure) => {
        subscription.settle = undefined;
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        if (failure.length === 0) return resolve();
        release();
        reject(failure[0]);
      };
    });
  }

  return {
    async subscribe(channel, listener, signal) {
      signal?.throwIfAborted();
      if (closed) throw unavailable(`The connection to ${name} is closed`);
      let entry = entries.get(channel);
      if (!entry) entries.set(channel, (entry = { channel, subscriptions: new Set(), state: 'absent' }));
      const { subscriptions } = entry;
      const subscription: Subscription = { listener, order: nextOrder++ };
      const release = () => {
        if (!subscriptions.delete(subscription) || subscriptions.size > 0) return;
        if (entry.state === 'absent') entries.delete(channel);
        else markDirty(entry);
      };
      subscriptions.add(subscription);
      if (entry.state !== 'subscribed') {
        const acknowledged = acknowledgement(subscription, release, signal);
        markDirty(entry);
        await acknowledged;
      }
      return release;
    },

    dispatch(channel, message) {
      const subscriptions = entries.get(channel)?.subscriptions;
      if (!subscriptions) return;
      // Listeners that are added during this loop get the next message, not this one.
      const end = nextOrder;
      for (const { listener, order } of subscriptions) {
        if (order >= end) break;
        try {
          listener(message, channel);
        } catch (error) {
          logger.warn({ err: error, channel }, 'a listener of the bus failed');
        }
      }
    },

    async attach(commands, fail) {
      const session: Session = { commands, fail, busy: true };
      current = session;
      try {
        const live = [...entries.values()];
        for (let start = 0; start < live.length; start += batchSize) {
          const batch = live.slice(start, start + batchSize);
          await subscribeBatch(
            session,
            batch.filter((entry) => entry.subscriptions.size > 0),
          );
        }
      } catch (error) {
        if (session === current) fail(error);
      }
      session.busy = false;
      void reconcile(session);
    },

    detach(cause) {
      current = undefined;
      detachCause = cause;
      dirty.clear();
      for (const entry of entries.values()) {
        entry.state = 'absent';
        if (entry.subscriptions.size === 0) entries.delete(entry.channel);
      }
    },

    channelCount: () => entries.size,

    close() {
      closed = true;
      current = undefined;
      const error = unavailable(`The connection to ${name} is closed`);
      for (const entry of entries.values()) {
        entry.state = 'absent';
        for (const subscription of entry.subscriptions) subscription.settle?.(error);
      }
      entries.clear();
      dirty.clear();
    },
  };
}
