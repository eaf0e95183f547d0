/** Resources of a process, closed in reverse order of opening. */
export interface CloseStack extends AsyncDisposable {
  /** Closes the resource with the stack, and returns it. */
  use<T extends Disposable | AsyncDisposable>(resource: T): T;
  defer(close: () => unknown): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Closing continues after failures, which `onError` gets. A second call waits for the first. */
export function createCloseStack(onError: (error: unknown) => void): CloseStack {
  const closers: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll() {
    for (let close = closers.pop(); close; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        onError(error);
      }
    }
  }

  return {
    use(resource) {
      closers.push(() =>
        Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose](),
      );
      return resource;
    },
    defer: (close) => void closers.push(close),
    [Symbol.asyncDispose]: () => (closing ??= closeAll()),
  };
}
