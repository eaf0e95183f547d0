import type { ConnectionSlots } from '#sdk/live/connection-slots.ts';

/** A browser opens six connections to an HTTP/1.1 server. Streams use at most this many of them. */
const slotCount = 3;
/** A stream keeps a slot for at least this long, in ms. */
const slotMs = 2_000;

/** Coordination between the tabs of one browser. */
export interface Tabs {
  /** Resolves to a function that gives up the lead in `name`, once this tab has it; rejects when `signal` aborts first. */
  lead(name: string, signal: AbortSignal): Promise<() => void>;
  /** A channel to every other listener of that name in any tab. */
  channel(name: string): TabChannel;
  slots: ConnectionSlots;
}

export interface TabChannel {
  post(message: unknown): void;
  close(): void;
  onMessage: (message: unknown) => void;
}

/** The tabs of this browser; undefined where pages have no Web Locks, as on plain HTTP to another machine. */
export function browserTabs(): Tabs | undefined {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (!locks || !globalThis.BroadcastChannel) return undefined;

  const hold = (name: string, options: LockOptions) =>
    new Promise<(() => void) | undefined>((resolve, reject) => {
      locks
        .request(name, options, (lock) => {
          if (!lock) return resolve(undefined);
          return new Promise<void>((release) => resolve(release));
        })
        .catch(reject);
    });
  const lead = async (name: string, signal: AbortSignal) => (await hold(name, { signal }))!;

  const takeSlot = async (signal: AbortSignal) => {
    const first = Math.floor(Math.random() * slotCount);
    for (let offset = 0; offset < slotCount; offset += 1) {
      const name = slotName((first + offset) % slotCount);
      const giveBack = await hold(name, { ifAvailable: true });
      if (giveBack && signal.aborted) giveBack();
      signal.throwIfAborted();
      if (giveBack) return { name, giveBack };
    }
    return { name: slotName(first), giveBack: await lead(slotName(first), signal) };
  };

  return {
    lead,
    channel(name) {
      const channel = new BroadcastChannel(name);
      const handle: TabChannel = {
        // A window's `postMessage` wants an origin; a channel has one.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        post: (message) => channel.postMessage(message),
        close: () => channel.close(),
        onMessage: () => {},
      };
      channel.addEventListener('message', ({ data }) => handle.onMessage(data));
      return handle;
    },
    slots: {
      async take(signal, onWanted) {
        const { name, giveBack } = await takeSlot(signal);
        let isOver = false;
        const timer = setInterval(() => {
          void locks.query().then(({ pending }) => {
            if (!isOver && pending?.some((request) => request.name === name)) onWanted();
          });
        }, slotMs);
        return () => {
          isOver = true;
          clearInterval(timer);
          giveBack();
        };
      },
    },
  };
}

const slotName = (index: number) => `runlight-slot-${index}`;
