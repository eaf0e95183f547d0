type State =
  { name: 'idle' } | { name: 'applying'; application: AbortController } | { name: 'leading'; giveUp: () => void };

/**
 * This tab's part in the choice of a leader:
 *
 *     idle ──── apply ────► applying ──── lead granted ────► leading
 *      ▲                        │                               │
 *      ├──────── withdraw ──────┘                               │
 *      └──────── resign ────────────────────────────────────────┘
 */
export class Leadership {
  readonly #lead: (signal: AbortSignal) => Promise<() => void>;
  readonly #onLead: () => void;
  #state: State = { name: 'idle' };

  /** `lead` resolves to a function that gives the lead up, once this tab has it; see `Tabs.lead`. */
  constructor(lead: (signal: AbortSignal) => Promise<() => void>, onLead: () => void) {
    this.#lead = lead;
    this.#onLead = onLead;
  }

  get isLeading(): boolean {
    return this.#state.name === 'leading';
  }

  /** Waits for the lead, and calls `onLead` once this tab has it. */
  apply(): void {
    void this.#apply();
  }

  withdraw(): void {
    if (this.#state.name !== 'applying') return;
    this.#state.application.abort();
    this.#state = { name: 'idle' };
  }

  resign(): void {
    if (this.#state.name !== 'leading') return;
    this.#state.giveUp();
    this.#state = { name: 'idle' };
  }

  async #apply(): Promise<void> {
    const state: State = { name: 'applying', application: new AbortController() };
    this.#state = state;
    const { signal } = state.application;
    try {
      const giveUp = await this.#lead(signal);
      if (this.#state !== state) return giveUp();
      this.#state = { name: 'leading', giveUp };
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    this.#onLead();
  }
}
