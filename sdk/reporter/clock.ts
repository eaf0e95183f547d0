/** Waits that do not keep the process alive, and that all end early when it rings. */
export class Alarm {
  readonly #waits = new Set<() => void>();

  /** Resolves after this time, or when it rings. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waits.delete(end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      timer.unref();
      this.#waits.add(end);
    });
  }

  ring(): void {
    for (const end of this.#waits) end();
  }
}

/** Keeps the process alive until it is disposed of. */
export function keepAlive(): Disposable {
  const timer = setInterval(() => {}, 60_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
