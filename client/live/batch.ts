/**
 * Collects items and hands them over together, at most once per `delayMs`: a stream of thousands of events becomes a
 * few cache writes. `close` hands over the rest; nothing is taken after it.
 */
export function createBatch<T>(delayMs: number, handOver: (items: T[]) => void) {
  let items: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (items.length === 0) return;
    const batch = items;
    items = [];
    handOver(batch);
  };

  return {
    push(item: T) {
      if (closed) return;
      items.push(item);
      timer ??= setTimeout(flush, delayMs);
    },
    close() {
      closed = true;
      flush();
    },
  };
}
