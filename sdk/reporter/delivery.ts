import type { BegunReport, ReportEntry } from '#shared/reports.ts';
import { reportHeartbeatMs, reportLimits } from '#shared/report-limits.ts';
import { retryDelayMs } from '#sdk/live/retry-delay.ts';
import { Alarm } from './clock.ts';
import { EntryQueue } from './entry-queue.ts';
import { meaningOf, wayOutOf } from './refusals.ts';
import { mostOfDetail } from './report-sink.ts';
import type { BeginInput, FinishInput, ReportedPart, ReportsApi } from './reports-api.ts';

/** Entries of this time go together. */
const batchMs = 100;
/** A proxy in front of Runlight often takes no more than 1 MB. */
const batchChars = 400_000;
/** A reporter that was killed holds its part for 20 s. */
const conflictMs = 30_000;
/** A Runlight that cannot be reached for this long is worth a line, in ms. */
const awayMs = 5_000;
const delays = { minDelayMs: 200, maxDelayMs: 3_000 };
/** The same while Playwright's end is held up. */
const hurriedDelays = { minDelayMs: 200, maxDelayMs: 500 };

export interface DeliveryOptions {
  reports: ReportsApi;
  session: string;
  onBegun(begun: BegunReport): void;
  /** Runlight could not be reached for a while, or for the first time since. */
  onAway(error: unknown): void;
  /** Nothing more can be delivered. */
  onRefused(error: unknown): void;
}

/**
 * Delivers entries in order, each once, as soon as they come and for as long as it takes. Never throws, and never keeps the process
 * alive.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #queue = new EntryQueue();
  readonly #alarm = new Alarm();
  readonly #end = new AbortController();
  /** Of all calls. */
  readonly #signal = this.#end.signal;
  #begun: BegunReport | undefined;
  /** Entries that Runlight has. */
  #acknowledged = 0;
  /** Entries that were never put into the queue. */
  #left = 0;
  #added = 0;
  #unknown = 0;
  /** What was put in the place of the last refused entry. */
  #standIn: string | undefined;
  #mostAtOnce: number = reportLimits.entriesPerBatch;
  #isClosing = false;
  #isHurried = false;
  #onHeld: (() => void) | undefined;
  #isRefused = false;
  #isWaitingForEntries = false;
  #lastContactAt = 0;
  /** Epoch ms of the last sign that Runlight takes something. */
  lastProgressAt = Date.now();
  #failingSince: number | undefined;
  lastError: unknown;
  #loop: Promise<void> = Promise.resolve();
  #onSettled = () => {};
  /** Resolves when the part has begun, or never will. */
  readonly settled = new Promise<void>((resolve) => (this.#onSettled = resolve));

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  get session(): string {
    return this.#options.session;
  }

  get part(): ReportedPart | undefined {
    return this.#begun && { runId: this.#begun.runId, part: this.#begun.part, session: this.#options.session };
  }

  /** True if nothing more can be delivered. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** True while another reporter has the part. */
  get isHeld(): boolean {
    return !this.#begun && wayOutOf(this.lastError)?.reason === 'busy';
  }

  /** Undefined: the server has not said it. */
  get serverVersion(): string | undefined {
    return this.#begun?.version;
  }

  /** Entries that Runlight does not understand. */
  get unknown(): number {
    return this.#unknown;
  }

  /** Entries that Runlight does not have. */
  get undelivered(): number {
    return this.#left + this.#queue.length;
  }

  start(input: Promise<BeginInput>): void {
    this.#loop = this.#run(input)
      .catch((error: unknown) => this.#refuse(error))
      .finally(() => this.#onSettled());
  }

  add(entry: ReportEntry): void {
    if (this.#isRefused) return;
    const isDetail = entry.type === 'step' || entry.type === 'log';
    const isTooMuch = this.#added >= (isDetail ? mostOfDetail : reportLimits.entries);
    if (isTooMuch || !this.#queue.push(JSON.stringify(entry))) {
      this.#left += 1;
      return;
    }
    this.#added += 1;
    if (this.#isWaitingForEntries) this.#alarm.ring();
  }

  /** The process waits from now on: tries again at once, and then often. Calls `onHeld`, once, if another reporter has the part. */
  hurry(onHeld: () => void): void {
    this.#isHurried = true;
    this.#onHeld = onHeld;
    this.#alarm.ring();
  }

  /** Resolves when all entries are delivered, or nothing more can be. */
  async flush(): Promise<void> {
    this.#isClosing = true;
    this.#alarm.ring();
    await this.#loop;
  }

  /** Gives up what is not delivered. */
  abort(): void {
    this.#end.abort();
    this.#alarm.ring();
  }

  /** Ends the part, after `flush`. True if Runlight knows. */
  async finish(end: Omit<FinishInput, keyof ReportedPart | 'after'>, signal: AbortSignal): Promise<boolean> {
    const part = this.part;
    if (!part || this.#isRefused) return false;
    while (!signal.aborted) {
      try {
        await this.#options.reports.finish.mutate({ ...part, after: this.#acknowledged, ...end }, { signal });
        return true;
      } catch (error) {
        this.lastError = signal.aborted ? this.lastError : error;
        if (signal.aborted) return false;
        const acknowledged = wayOutOf(error)?.acknowledged ?? 0;
        if (acknowledged > this.#acknowledged) this.#acknowledged = acknowledged;
        else if (meaningOf(error) !== 'transient') {
          this.#refuse(error);
          return false;
        }
        await this.#alarm.wait(this.#delayMs());
      }
    }
    return false;
  }

  /** The last calls of a process that ends at once; undefined if no run has begun, or Runlight refused it. */
  lastCalls(end: Omit<FinishInput, keyof ReportedPart | 'after'>): { append: object; finish: object } | undefined {
    const { part } = this;
    if (!part || this.#isRefused) return undefined;
    const after = this.#acknowledged;
    const entries = this.#queue
      .inMemory(reportLimits.entriesPerBatch, batchChars)
      .map((line) => JSON.parse(line) as ReportEntry);
    return { append: { ...part, after, entries }, finish: { ...part, after, ...end } };
  }

  close(): void {
    this.abort();
    this.#queue.close();
  }

  async #run(input: Promise<BeginInput>): Promise<void> {
    await this.#begin(await input);
    while (!this.#signal.aborted) {
      await this.#pause();
      if (this.#signal.aborted || (this.#isClosing && this.#queue.length === 0)) return;
      await this.#append();
    }
  }

  async #begin(input: BeginInput): Promise<void> {
    const startedAt = Date.now();
    for (;;) {
      try {
        this.#begun = await this.#options.reports.begin.mutate(input, { signal: this.#signal });
        this.#confirm(this.#begun.acknowledged);
        this.#options.onBegun(this.#begun);
        return this.#onSettled();
      } catch (error) {
        if (this.#signal.aborted) return;
        this.lastError = error;
        const meaning = meaningOf(error);
        const mayWait = this.isHeld && Date.now() - startedAt < conflictMs;
        if (meaning !== 'transient' && !mayWait) throw error;
        if (mayWait) {
          this.#onHeld?.();
          this.#onHeld = undefined;
        }
        this.#failingSince ??= startedAt;
        if (meaning === 'transient' && Date.now() - startedAt > awayMs) this.#options.onAway(error);
        await this.#alarm.wait(this.#delayMs());
        if (this.#signal.aborted) return;
      }
    }
  }

  /** Until there is something to send, or it is time for a sign of life. */
  async #pause(): Promise<void> {
    if (this.#isClosing) return;
    if (this.#queue.length === 0) {
      this.#isWaitingForEntries = true;
      await this.#alarm.wait(this.#lastContactAt + reportHeartbeatMs - Date.now());
      this.#isWaitingForEntries = false;
    }
    if (this.#queue.length > 0 && this.#queue.length < this.#mostAtOnce && !this.#isClosing)
      await this.#alarm.wait(batchMs);
  }

  async #append(): Promise<void> {
    const lines = await this.#queue.peek(this.#mostAtOnce, batchChars);
    const entries = lines.map((line) => JSON.parse(line) as ReportEntry);
    try {
      const { acknowledged } = await this.#options.reports.append.mutate(
        { ...this.part!, after: this.#acknowledged, entries },
        { signal: this.#signal },
      );
      this.#confirm(acknowledged);
      this.#mostAtOnce = Math.min(reportLimits.entriesPerBatch, 2 * this.#mostAtOnce);
    } catch (error) {
      if (this.#signal.aborted) return;
      this.lastError = error;
      await this.#recover(error, entries);
    }
  }

  async #recover(error: unknown, entries: readonly ReportEntry[]): Promise<void> {
    const acknowledged = wayOutOf(error)?.acknowledged;
    const [first] = entries;
    switch (meaningOf(error)) {
      case 'transient':
        this.#failingSince ??= Date.now();
        return this.#alarm.wait(this.#delayMs());
      case 'conflict':
        // An answer was lost, and its entries were stored.
        if (acknowledged === undefined || acknowledged < this.#acknowledged) throw error;
        return this.#confirm(acknowledged);
      case 'unacceptable':
        if (entries.length > 1) this.#mostAtOnce = Math.ceil(entries.length / 2);
        // A server that refuses what stands in for an entry, too, takes nothing at all.
        else if (first === undefined || first.type === 'cases' || JSON.stringify(first) === this.#standIn) throw error;
        else {
          this.#unknown += 1;
          this.#standIn = JSON.stringify(refusedEntry(first));
          this.#queue.replaceFirst(this.#standIn);
        }
        return;
      case 'final':
        throw error;
    }
  }

  #confirm(acknowledged: number): void {
    this.#queue.drop(acknowledged - this.#acknowledged);
    this.#acknowledged = acknowledged;
    this.#failingSince = undefined;
    this.#lastContactAt = Date.now();
    this.lastProgressAt = Date.now();
  }

  #delayMs(): number {
    const failingForMs = Date.now() - (this.#failingSince ?? Date.now());
    return retryDelayMs({ failingForMs, ...(this.#isHurried ? hurriedDelays : delays) });
  }

  #refuse(error: unknown): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.lastError = error;
    this.#left += this.#queue.length;
    this.close();
    this.#options.onRefused(error);
  }
}

/** Takes the place of an entry that the server does not take, since entries are numbered. */
function refusedEntry({ type }: ReportEntry): ReportEntry {
  return { type: 'log', stream: 'stderr', text: `An entry of the report was refused by Runlight (${type}).\n` };
}
