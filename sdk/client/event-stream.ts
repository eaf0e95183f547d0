interface Callbacks {
  onData: (event: unknown) => void;
  onError: (error: Error) => void;
  onComplete: () => void;
}

export interface EventStreamOptions {
  /** Begins the subscription after the event with this id. */
  subscribe(lastEventId: string | undefined, callbacks: Callbacks): { unsubscribe: () => void };
  signal?: AbortSignal | undefined;
  /** A loop that is this many events behind ends its subscription, and begins it again when it has caught up. */
  maxWaiting?: number;
}

/**
 * The events of a subscription, for one `for await`. Ends with the subscription, fails as it does, or with the reason of
 * the signal. An event without an id cannot be asked for again, so those are all kept.
 */
export async function* eventStream({ subscribe, signal, maxWaiting = 1_000 }: EventStreamOptions) {
  const waiting: unknown[] = [];
  let lastEventId: string | undefined;
  let subscription: { unsubscribe: () => void } | undefined;
  let outcome: { error?: unknown } | undefined;
  let wake = () => {};
  const end = (reason: { error?: unknown }) => {
    outcome ??= reason;
    wake();
  };
  const pause = () => {
    subscription?.unsubscribe();
    subscription = undefined;
  };
  const begin = () => {
    let isCurrent = true;
    const begun = subscribe(lastEventId, {
      onData(event) {
        if (!isCurrent) return;
        waiting.push(event);
        lastEventId = idOf(event);
        if (waiting.length >= maxWaiting && lastEventId !== undefined) pause();
        wake();
      },
      onError: (error) => isCurrent && end({ error }),
      // tRPC also completes what is unsubscribed.
      onComplete: () => isCurrent && end({}),
    });
    subscription = {
      unsubscribe() {
        isCurrent = false;
        begun.unsubscribe();
      },
    };
  };
  const onAbort = () => end({ error: signal?.reason });

  signal?.throwIfAborted();
  signal?.addEventListener('abort', onAbort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (waiting.length > 0) yield waiting.shift();
      else if (outcome) break;
      else {
        if (!subscription) begin();
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
    if ('error' in outcome) throw outcome.error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    pause();
  }
}

function idOf(event: unknown): string | undefined {
  const { id } = (event ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : undefined;
}
