import { reportLimits } from '#shared/report-limits.ts';
import type { ReportEntry } from '#shared/reports.ts';
import type { PartPhase } from '#shared/part-phases.ts';
import { createStartPhases } from '#server/execution/playwright/start-phases.ts';
import type { Redaction } from '#server/execution/playwright/redaction.ts';

/** Passes entries on in order, one call after the other. Entries that come during a call go together in the next one. */
export class EntrySink {
  readonly #onEntries: (entries: ReportEntry[]) => Promise<void>;
  readonly #redaction: Redaction;
  readonly #phases = createStartPhases((event) => {
    if (event.type === 'part' && event.phase) this.#waiting.push({ type: 'phase', phase: event.phase });
  });
  #waiting: ReportEntry[] = [];
  #flushing: Promise<void> | undefined;

  constructor(onEntries: (entries: ReportEntry[]) => Promise<void>, redaction: Redaction) {
    this.#onEntries = onEntries;
    this.#redaction = redaction;
  }

  /** Resolves when everything is passed on. Once a call of `onEntries` has failed, this and all later promises reject with its error. */
  add(entries: readonly ReportEntry[]): Promise<void> {
    for (const entry of entries) {
      this.#waiting.push(this.#hide(entry));
      if (entry.type === 'case') this.#phases.begin('browser');
      if (entry.type === 'step') this.#phases.note({ ...entry, position: null });
    }
    if (this.#waiting.length > 0) this.#flushing ??= this.#flush();
    return this.#flushing ?? Promise.resolve();
  }

  /** Adds a line of Runlight itself. */
  say(text: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    return this.add([{ type: 'log', stream, text: `${text}\n` }]);
  }

  /** Reports the phase that the part is in from now on, before its first case. */
  begin(phase: PartPhase): void {
    this.#phases.begin(phase);
    // If this fails, the next call of `add` rejects with the error.
    this.add([]).catch(() => {});
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) await this.#onEntries(this.#waiting.splice(0, reportLimits.entriesPerBatch));
    this.#flushing = undefined;
  }

  #hide(entry: ReportEntry): ReportEntry {
    return this.#redaction.secrets.length === 0 ? entry : (hideIn(entry, this.#redaction) as ReportEntry);
  }
}

/** Fields that identify or classify entries: secrets in them are not hidden. */
const identities = new Set(['type', 'phase', 'status', 'stream', 'kind', 'id', 'parentId', 'category']);

function hideIn(value: unknown, redaction: Redaction): unknown {
  if (typeof value === 'string') return redaction.redact(value);
  if (Array.isArray(value)) return value.map((item) => hideIn(item, redaction));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, identities.has(key) ? item : hideIn(item, redaction)]),
  );
}
