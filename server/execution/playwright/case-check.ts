import type { RunEventBody } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';

type EventOf<Type extends RunEventBody['type']> = Extract<RunEventBody, { type: Type }>;

/**
 * Checks what Playwright reports of cases against its own list of them. Irregular reports end no run: they are counted, and the
 * run's log says so at its end.
 */
export class CaseCheck {
  readonly #cases: readonly ListedCase[];
  /** The last attempt of each case that began, and whether it runs. */
  readonly #attempts = new Map<number, { attempt: number; isRunning: boolean }>();
  readonly #counts = { unknown: 0, twice: 0, unbegun: 0 };

  /** The list may still grow. */
  constructor(cases: readonly ListedCase[]) {
    this.#cases = cases;
  }

  /** Whether the event can be passed on. */
  accepts(event: EventOf<'case'>): boolean {
    const { index, attempt, status } = event;
    if (!this.#isKnown(index)) return this.#refuse('unknown');
    const last = this.#attempts.get(index);
    const isRunning = status === 'running';
    if (isRunning && last?.isRunning && last.attempt === attempt) return this.#refuse('twice');
    if (!isRunning && last === undefined) this.#counts.unbegun += 1;
    this.#attempts.set(index, { attempt, isRunning });
    return true;
  }

  /** The event, without its case if that is unknown. */
  withKnownCase<Event extends EventOf<'step'> | EventOf<'log'>>(event: Event): Event {
    if (event.caseIndex == null || this.#isKnown(event.caseIndex)) return event;
    this.#counts.unknown += 1;
    return { ...event, caseIndex: null, attempt: null };
  }

  /** Undefined if all reports were regular. */
  describe(): string | undefined {
    const { unknown, twice, unbegun } = this.#counts;
    const parts = [
      unknown > 0 && `${unknown} of unknown cases`,
      twice > 0 && `${twice} of attempts that had begun before`,
      unbegun > 0 && `${unbegun} of cases that had not begun`,
    ].filter((part) => part !== false);
    return parts.length === 0 ? undefined : `Playwright sent irregular reports: ${parts.join(', ')}.`;
  }

  /** A script without cases is in the list, too, with an empty title path. */
  #isKnown(index: number): boolean {
    return (this.#cases[index]?.titlePath.length ?? 0) > 0;
  }

  #refuse(kind: 'unknown' | 'twice'): false {
    this.#counts[kind] += 1;
    return false;
  }
}
