import type { TestError } from '#shared/events.ts';

/** UTF-16 units of titles and errors that a run may have in full. */
const fullChars = 50_000_000;
const shortTitle = 100;
const shortMessage = 200;

/** Keeps the log of a run small whatever its scripts write into titles and errors: beyond 50 million characters they are cut. */
export class TextBudget {
  #left = fullChars;

  title(text: string): string {
    this.#left -= text.length;
    return this.#left < 0 ? text.slice(0, shortTitle).toWellFormed() : text;
  }

  error(error: TestError): TestError {
    this.#left -= error.message.length + (error.snippet?.length ?? 0);
    if (this.#left >= 0) return error;
    return { ...error, message: error.message.slice(0, shortMessage).toWellFormed(), snippet: null };
  }
}
