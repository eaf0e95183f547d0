import type { ReportEntry } from '#shared/reports.ts';

/** Messages of Playwright and of servers when the port of a `webServer` is taken. */
const taken = /is already used, make sure that nothing is running|EADDRINUSE|address already in use/i;

/** Finds, in the entries outside of cases, that a server of the suite found its port taken. */
export class PortFault {
  #error: string | undefined;
  #printed: string | undefined;
  #isServer = false;

  add(entry: ReportEntry): void {
    if (entry.type === 'log' && entry.caseIndex == null) this.#printed ??= lineIn(entry.text);
    if (entry.type !== 'error') return;
    this.#error ??= lineIn(entry.error.message);
    this.#isServer ||= entry.error.message.includes('config.webServer');
  }

  /** Why the suite could not begin, and what to do; undefined: no port was taken. */
  get details(): string | undefined {
    const line = this.#error ?? (this.#isServer ? this.#printed : undefined);
    if (line === undefined) return undefined;
    const port = /:(\d{2,5})\b/.exec(line)?.[1];
    return `${port === undefined ? 'The port of a server' : `Port ${port}`} is taken on the worker, maybe by another run or part: all that it executes at once share its network. Let the suite take a free port, let one part run at a time (fewer shards, or WORKER_CONCURRENCY=1), or give each run a network of its own (SANDBOX_NETWORK=none), in which it reaches only servers that it starts itself.`;
  }
}

function lineIn(text: string): string | undefined {
  return taken.test(text) ? text.split('\n').find((line) => taken.test(line)) : undefined;
}
