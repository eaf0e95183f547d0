/**
 * Coalesces items: hands them over together, at most once per `delayMs`, so that thousands of events become a few cache
 * writes. `close` hands over the rest; later items are ignored.
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
