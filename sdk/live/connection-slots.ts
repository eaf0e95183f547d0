/** Lends connection slots to streams, where a browser allows fewer connections than there are streams. */
export interface ConnectionSlots {
  /**
   * Resolves to a function that returns the slot, once one is free; rejects when `signal` aborts first. Calls `onWanted`
   * when the slot has been held long enough and another stream waits for it.
   */
  take(signal: AbortSignal, onWanted: () => void): Promise<() => void>;
}

/**
 * Slots that the streams of one page share, where pages cannot share slots with each other. A waiting stream gets the
 * slot that is free first, in the order of asking.
 */
export function createPageSlots({ count, slotMs = 2_000 }: { count: number; slotMs?: number }): ConnectionSlots {
  let free = count;
  const waiting: (() => void)[] = [];

  const giveBack = () => {
    free += 1;
    waiting.shift()?.();
  };

  return {
    take(signal, onWanted) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const onAbort = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal.reason as Error);
        };
        const enter = () => {
          signal.removeEventListener('abort', onAbort);
          free -= 1;
          const timer = setInterval(() => waiting.length > 0 && onWanted(), slotMs);
          resolve(() => {
            clearInterval(timer);
            giveBack();
          });
        };
        if (free > 0) return enter();
        signal.addEventListener('abort', onAbort);
        waiting.push(enter);
      });
    },
  };
}
