/** Waits that do not keep the process alive, and end early. */
export class Alarm {
  #ring = () => {};

  /** Resolves after this time, or when it rings. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms));
      timer.unref();
      this.#ring = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  ring(): void {
    this.#ring();
  }
}

/** Keeps the process alive until it is disposed of. */
export function keepAlive(): Disposable {
  const timer = setInterval(() => {}, 60_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
