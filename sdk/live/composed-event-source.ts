/** `connecting` until the first success or failure; `polling` when reconnecting has failed for long. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline';

/** An EventSource that passes on the events of other sources, one after the other. A subclass makes these and sets the state. */
export abstract class ComposedEventSource extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readonly url: string;
  protected readiness: 0 | 1 | 2 = 0;
  /** Event types that have listeners here; each source must pass them on. */
  protected readonly types = new Set<string>();
  #state: ConnectionState = 'connecting';

  constructor(url: string | URL) {
    super();
    this.url = String(url);
  }

  get readyState(): number {
    return this.readiness;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    // The `open` and `error` of one source are not those of this one.
    if (type === 'open' || type === 'error' || this.types.has(type)) return;
    this.types.add(type);
    this.forward(type);
  }

  /** Passes on another type of event from the present source, if there is one. */
  protected abstract forward(type: string): void;
  protected abstract onStateChange(state: ConnectionState): void;

  protected setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.onStateChange(state);
  }
}
