import type { TypedScript } from './checker.ts';
import type { Answer, Answers, Question } from './messages.ts';

/** Asks the worker, which is loaded by the first question. `end()` it. */
export class TypeService {
  #worker: Worker | undefined;
  #isOver = false;
  #lastId = 0;
  readonly #waiting = new Map<number, (answer: never) => void>();
  readonly #onFailure: () => void;

  /** `onFailure`: the worker cannot be loaded, or has failed. No question is answered from then on. */
  constructor(onFailure: () => void) {
    this.#onFailure = onFailure;
  }

  /** Null if the worker has failed or ended. */
  async ask<About extends keyof Answers>(about: About, script: TypedScript, at = 0): Promise<Answers[About] | null> {
    if (this.#isOver) return null;
    this.#worker ??= this.#start();
    const id = (this.#lastId += 1);
    const answer = new Promise<Answers[About] | null>((resolve) => this.#waiting.set(id, resolve));
    // A worker is no window with an origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#worker.postMessage({ id, about, at, ...script } satisfies Question);
    return answer;
  }

  end(): void {
    this.#isOver = true;
    this.#worker?.terminate();
    for (const resolve of this.#waiting.values()) resolve(null as never);
    this.#waiting.clear();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./type-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data: { id, answer } }: MessageEvent<Answer>) => {
      this.#waiting.get(id)?.(answer as never);
      this.#waiting.delete(id);
    });
    worker.addEventListener('error', () => {
      this.end();
      this.#onFailure();
    });
    return worker;
  }
}
