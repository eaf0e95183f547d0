import type { TestError, TestResult, TestStep } from '@playwright/test/reporter';

/**
 * Replaces the message of a browser that could not be launched, where the worker has none: Playwright's own advises to install
 * one in the sandbox. The errors are Playwright's objects, so its report has the new message, too.
 */
export class MissingBrowser {
  readonly #message: string | undefined;
  readonly #replaced = new WeakSet<TestError>();
  #original: string | undefined;

  /** Without a message, nothing is replaced. */
  constructor(message: string | undefined) {
    this.#message = message;
  }

  onStepEnd(step: TestStep): void {
    if (this.#message === undefined || !step.error) return;
    // The step of Playwright's own `BrowserType.launch`. The steps around it end later, with the same error.
    if (step.category === 'pw:api' && step.title === 'Launch browser') this.#original = step.error.message;
    this.#replace(step.error);
  }

  onTestEnd(result: TestResult): void {
    if (this.#original !== undefined) for (const error of result.errors) this.#replace(error);
  }

  /** Whether the attempt failed because there is no browser. */
  isCauseOf(result: TestResult | undefined): boolean {
    return result?.errors.some((error) => this.#replaced.has(error)) ?? false;
  }

  #replace(error: TestError): void {
    if (error.message !== this.#original || this.#message === undefined) return;
    error.message = this.#message;
    this.#replaced.add(error);
  }
}
