import type { Bus, BusListener } from '#server/bus/bus.ts';

interface Subscription {
  channel: string;
  listener: BusListener;
  /** Present until it is acknowledged. */
  settle: ((refusal?: Error) => void) | undefined;
  released: number;
}

export interface ScriptedBus extends Bus {
  /** Delivers a message to all listeners; `undefined` stands for one that was too large. */
  deliver(channel: string, message: string | undefined): void;
  goDown(): void;
  comeBack(): void;
  /** From now on, subscriptions are acknowledged only when told to. */
  holdAcknowledgements(): void;
  /** Acknowledges, or refuses, all subscriptions that are held, and holds no more. */
  answerSubscriptions(refusal?: Error): void;
  /** How often each acknowledged subscription was released. */
  releases(): number[];
  listenerCount(): number;
}

/** A bus on which a test decides every delivery, loss and delay, for interleavings that no server can be made to produce. */
export function createScriptedBus(): ScriptedBus {
  const live = new Set<Subscription>();
  const acknowledged: Subscription[] = [];
  const stateListeners = new Set<(event: 'down' | 'reset') => void>();
  let state: Bus['state'] = 'up';
  let isHolding = false;

  function settleAll(refusal?: Error) {
    for (const subscription of live) subscription.settle?.(refusal);
  }

  return {
    kind: 'redis',
    get state() {
      return state;
    },
    async subscribe(channel, listener, { signal } = {}) {
      signal?.throwIfAborted();
      const subscription: Subscription = { channel, listener, settle: undefined, released: 0 };
      live.add(subscription);
      if (isHolding || state === 'down') {
        await new Promise<void>((resolve, reject) => {
          const abort = () => subscription.settle?.(signal!.reason as Error);
          signal?.addEventListener('abort', abort);
          subscription.settle = (refusal) => {
            subscription.settle = undefined;
            signal?.removeEventListener('abort', abort);
            if (!refusal) return resolve();
            live.delete(subscription);
            reject(refusal);
          };
        });
      }
      acknowledged.push(subscription);
      return () => {
        subscription.released += 1;
        live.delete(subscription);
      };
    },
    publish: () => Promise.reject(new Error('a test delivers')),
    onState(listener) {
      stateListeners.add(listener);
      return () => void stateListeners.delete(listener);
    },
    ping: () => Promise.resolve(),
    channelCount: () => new Set([...live].map(({ channel }) => channel)).size,
    deliver(channel, message) {
      for (const subscription of live) {
        if (subscription.channel === channel) subscription.listener(message, channel);
      }
    },
    goDown() {
      if (state === 'down') return;
      state = 'down';
      for (const listener of stateListeners) listener('down');
    },
    comeBack() {
      if (state === 'up') return;
      state = 'up';
      if (!isHolding) settleAll();
      for (const listener of stateListeners) listener('reset');
    },
    holdAcknowledgements: () => (isHolding = true),
    answerSubscriptions(refusal) {
      isHolding = false;
      if (state === 'up' || refusal) settleAll(refusal);
    },
    releases: () => acknowledged.map(({ released }) => released),
    listenerCount: () => live.size + stateListeners.size,
    async [Symbol.asyncDispose]() {},
  };
}
