/** `connecting` until the first success or failure; `polling` when reconnecting has failed for long. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline';

/** An EventSource whose events come from others, one after the other. A subclass makes those, and says how it is. */
export abstract class ComposedEventSource extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readonly url: string;
  protected readiness: 0 | 1 | 2 = 0;
  /** What is listened to here, and so has to be listened to at every source. */
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
    // What these say of a single source is not true of this one.
    if (type === 'open' || type === 'error' || this.types.has(type)) return;
    this.types.add(type);
    this.forward(type);
  }

  /** Has the source that there is, if there is one, pass on events of another type. */
  protected abstract forward(type: string): void;
  protected abstract onStateChange(state: ConnectionState): void;

  protected setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.onStateChange(state);
  }
}
