import type { Bus, BusMessage } from '#server/bus/bus.ts';
import type { Channel } from '#shared/channels.ts';
import type { Logger } from '#server/lib/logger.ts';

/** Messages that may wait for a slow bus. When there are more, they are dropped and watchers read instead. */
const backlogLimit = 10_000;

export interface Publisher {
  /** Takes the messages and returns at once. They are sent in the order of the calls; failures are only logged. */
  publish(messages: readonly BusMessage[]): void;
  /** Resolves when all messages so far have been sent or have failed. */
  flush(): Promise<void>;
}

/** Sends one batch at a time, so that messages neither overtake each other nor pile up connections. */
export function createPublisher(options: { bus: Pick<Bus, 'publish'>; logger: Logger }): Publisher {
  const { bus, logger } = options;
  let backlog: BusMessage[] = [];
  let sending: Promise<void> | undefined;

  async function send() {
    while (backlog.length > 0) {
      const batch = backlog;
      backlog = [];
      try {
        await bus.publish(batch);
      } catch (error) {
        logger.warn({ err: error, messages: batch.length }, 'could not publish; watchers read instead');
      }
    }
    sending = undefined;
  }

  return {
    publish(messages) {
      if (messages.length === 0) return;
      if (backlog.length + messages.length > backlogLimit) {
        logger.warn({ messages: backlog.length }, 'the bus is too slow: dropped messages; watchers read instead');
        backlog = [];
      }
      backlog.push(...messages);
      sending ??= send();
    },
    flush: () => sending ?? Promise.resolve(),
  };
}

/** A message of a channel of ours. */
export function busMessage<T>(channel: Channel<T>, event: T): BusMessage {
  return { channel: channel.name, message: JSON.stringify(event) };
}
