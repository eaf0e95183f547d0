import type { Turns } from './surviving-event-source.ts';

/** Of the six connections that a browser has to a server that speaks HTTP/1.1, so many are lent to streams in turns. */
const turnCount = 3;
/** A turn lasts at least this long, in ms. */
const turnMs = 2_000;

/** What the tabs of one browser agree through. */
export interface Tabs {
  /** Resolves to what gives the lead in `name` up, once this tab has it; rejects when `signal` aborts first. */
  lead(name: string, signal: AbortSignal): Promise<() => void>;
  /** Reaches every other listener of that name in any tab. */
  channel(name: string): TabChannel;
  turns: Turns;
}

export interface TabChannel {
  post(message: unknown): void;
  close(): void;
  onMessage: (message: unknown) => void;
}

/** The tabs of this browser; undefined where a page may not lock anything, as on plain HTTP beyond this machine. */
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

  const takeTurn = async (signal: AbortSignal) => {
    const first = Math.floor(Math.random() * turnCount);
    for (let offset = 0; offset < turnCount; offset += 1) {
      const name = turnName((first + offset) % turnCount);
      const end = await hold(name, { ifAvailable: true });
      if (end && signal.aborted) end();
      signal.throwIfAborted();
      if (end) return { name, end };
    }
    return { name: turnName(first), end: await lead(turnName(first), signal) };
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
    turns: {
      async take(signal, onWanted) {
        const { name, end } = await takeTurn(signal);
        let over = false;
        const timer = setInterval(() => {
          void locks.query().then(({ pending }) => {
            if (!over && pending?.some((request) => request.name === name)) onWanted();
          });
        }, turnMs);
        return () => {
          over = true;
          clearInterval(timer);
          end();
        };
      },
    },
  };
}

const turnName = (index: number) => `runlight-turn-${index}`;
