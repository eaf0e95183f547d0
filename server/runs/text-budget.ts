import type { TestError } from '#shared/events.ts';

/** UTF-16 units of titles and errors that a run may have in full. */
const fullChars = 50_000_000;
const shortTitle = 100;
const shortMessage = 200;

/** Keeps the log of a run small whatever its scripts write into titles and errors: beyond 50 million characters they are cut. */
export class TextBudget {
  #used: number;

  constructor(used = 0) {
    this.#used = used;
  }

  /** UTF-16 units so far. */
  get used(): number {
    return this.#used;
  }

  title(text: string): string {
    this.#used += text.length;
    return this.#used > fullChars ? text.slice(0, shortTitle).toWellFormed() : text;
  }

  error(error: TestError): TestError {
    this.#used += error.message.length + (error.snippet?.length ?? 0);
    if (this.#used <= fullChars) return error;
    return { ...error, message: error.message.slice(0, shortMessage).toWellFormed(), snippet: null };
  }
}
