import { ComposedEventSource, type ConnectionState } from './composed-event-source.ts';

/** What is needed of an EventSource that makes the single connections: the browser's, or that of `eventsource`. */
export interface PlainEventSource {
  addEventListener(type: string, listener: (event: MessageEvent) => void): void;
  close(): void;
}

export type NetworkChange = 'online' | 'offline' | 'visible' | 'hidden';

/** Where news of the machine's network comes from. */
export interface Network {
  isOnline(): boolean;
  /** `visible`: the user looks at the page again; `hidden`: no longer. Returns what stops listening. */
  listen(listener: (change: NetworkChange) => void): () => void;
}

/** Lets streams take turns where there are fewer connections than streams. */
export interface Turns {
  /**
   * Resolves to what ends the turn, once there is one; rejects when `signal` aborts first. `onWanted` is called when the
   * turn has lasted long enough and others wait.
   */
  take(signal: AbortSignal, onWanted: () => void): Promise<() => void>;
}

export interface SurvivingEventSourceOptions<Init> {
  /** Makes the single connections; the browser's by default. */
  EventSource?: new (url: string, init?: Init) => PlainEventSource;
  /** Hears of each change of a source's state, `null` once it is closed. */
  onStateChange?: (source: SurvivingEventSource<Init>, state: ConnectionState | null) => void;
  /** That of the browser by default; always online where there is none. */
  network?: Network;
  /** Connections are made in turns; without it, whenever there is need. */
  turns?: Turns | undefined;
  /** What has been received already; the first connection asks for what follows it. */
  lastEventId?: string;
  /** Least and most time until the next attempt may be made, in ms. */
  minDelayMs?: number;
  maxDelayMs?: number;
  /** A connection that brings nothing within this is given up. The server must speak first, as tRPC's does. */
  silenceMs?: number;
  /** A page that nobody has looked at for this long gives its connection back: a browser has six for all its tabs. */
  hiddenMs?: number;
  /** After this long without success, `reconnecting` becomes `polling`. */
  pollingAfterMs?: number;
}

/** A connection that has lasted so long has proven itself, even if nothing happened on it. */
const steadyMs = 5_000;
/** Offline, attempts are only made because browsers may be wrong about it. */
const offlineDelayMs = 30_000;
/** A connection that has been silent for this long when the user comes back is likelier dead than quiet. */
const quietMs = 60_000;

/**
 * An EventSource that only `close` ends. Whatever breaks it (the network, a proxy's 502, a restart, a wrong content
 * type), it stays CONNECTING, tries again after a random and growing while, and asks for what follows the last event,
 * with `lastEventId` in the URL. Each attempt gets a plain EventSource of its own, which lives for one connection.
 */
export class SurvivingEventSource<Init = EventSourceInit> extends ComposedEventSource {
  readonly #init: Init | undefined;
  readonly #options: Required<Omit<SurvivingEventSourceOptions<Init>, 'turns'>>;
  readonly #turns: Turns | undefined;
  /** Ends the turn of this connection, or the wait for one. */
  #endTurn: (() => void) | undefined;
  readonly #stopListening: () => void;
  /** The connection that there is, or is tried. */
  #connection: PlainEventSource | undefined;
  /** Ends the wait for the next attempt, or for the first event of this one. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Nobody looks at the page: no connection until somebody does. */
  #isParked = false;
  #parkTimer: ReturnType<typeof setTimeout> | undefined;
  #lastEventId = '';
  /** Epoch ms at which this connection brought its first and its newest event. */
  #liveSince: number | undefined;
  #heardAt = 0;
  /** The server's word for how long a connection that works can be silent, in ms. */
  #inactivityMs: number | undefined;
  /** Epoch ms at which the last connection that was of use broke. */
  #failingSince: number | undefined;

  /** Throws where the platform has no EventSource and the options bring none. */
  constructor(url: string | URL, init?: Init, options: SurvivingEventSourceOptions<Init> = {}) {
    super(url);
    const Plain =
      options.EventSource ?? (globalThis.EventSource as (new (url: string) => PlainEventSource) | undefined);
    if (!Plain) throw new Error('There is no EventSource here; pass one, such as that of the package eventsource.');
    this.#init = init;
    this.#turns = options.turns;
    this.#lastEventId = options.lastEventId ?? '';
    this.#options = {
      EventSource: Plain,
      onStateChange: options.onStateChange ?? (() => {}),
      network: options.network ?? browserNetwork,
      lastEventId: '',
      minDelayMs: options.minDelayMs ?? 500,
      maxDelayMs: options.maxDelayMs ?? 15_000,
      silenceMs: options.silenceMs ?? 10_000,
      hiddenMs: options.hiddenMs ?? 10_000,
      pollingAfterMs: options.pollingAfterMs ?? 30_000,
    };
    this.#stopListening = this.#options.network.listen((change) => this.#onNetwork(change));
    this.onStateChange(this.state);
    // A source that is closed at once, as when React mounts twice, makes no request.
    queueMicrotask(() => this.#connect());
  }

  protected override forward(type: string): void {
    if (this.#connection) this.#forward(this.#connection, type);
  }

  protected override onStateChange(state: ConnectionState): void {
    this.#options.onStateChange(this, state);
  }

  /** Makes the next attempt now, unless there is a connection that works. */
  retryNow(): void {
    if (this.state !== 'live') this.#connect();
  }

  close(): void {
    if (this.readiness === this.CLOSED) return;
    this.readiness = this.CLOSED;
    clearTimeout(this.#parkTimer);
    this.#drop();
    this.#stopListening();
    this.#options.onStateChange(this, null);
  }

  #connect(): void {
    if (this.readiness === this.CLOSED || this.#isParked) return;
    this.#drop();
    this.readiness = this.CONNECTING;
    if (this.#turns) void this.#connectInTurn(this.#turns);
    else this.#open();
  }

  async #connectInTurn(turns: Turns): Promise<void> {
    const waiting = new AbortController();
    const stopWaiting = () => waiting.abort();
    this.#endTurn = stopWaiting;
    try {
      // Between two turns the state stays what it was: what happens meanwhile comes with the next one.
      const end = await turns.take(waiting.signal, () => this.#connect());
      if (this.#endTurn !== stopWaiting) return end();
      this.#endTurn = end;
    } catch (error) {
      if (waiting.signal.aborted) return;
      throw error;
    }
    this.#open();
  }

  #open(): void {
    const connection = new this.#options.EventSource(withLastEventId(this.url, this.#lastEventId), this.#init);
    this.#connection = connection;
    connection.addEventListener('open', () => {
      if (connection !== this.#connection) return;
      this.readiness = this.OPEN;
      this.dispatchEvent(new Event('open'));
    });
    connection.addEventListener('error', () => {
      if (connection === this.#connection) this.#retry();
    });
    for (const type of this.types) this.#forward(connection, type);
    this.#timer = setTimeout(() => this.#retry(), this.#options.silenceMs);
  }

  #forward(connection: PlainEventSource, type: string): void {
    connection.addEventListener(type, ({ data, lastEventId, origin }) => {
      if (connection !== this.#connection) return;
      this.#heardAt = Date.now();
      if (lastEventId) this.#lastEventId = lastEventId;
      // Progress, and not only a connection: whoever resumes gets no event again.
      if (type === 'message') this.#failingSince = undefined;
      if (type === 'connected') this.#inactivityMs = inactivityMs(data);
      if (this.#liveSince === undefined) {
        this.#liveSince = this.#heardAt;
        this.#watchForSilence();
        this.#updateState();
      }
      // tRPC would replace a source that is silent because nobody looks; how long is too long is decided here.
      this.dispatchEvent(new MessageEvent(type, { data: type === 'connected' ? '{}' : data, lastEventId, origin }));
    });
  }

  /** Replaces a connection that works, and then brings nothing for longer than the server can be silent. */
  #watchForSilence(): void {
    clearTimeout(this.#timer);
    const limit = this.#inactivityMs;
    if (limit === undefined) return;
    const silentFor = Date.now() - this.#heardAt;
    if (silentFor >= limit) this.#retry();
    else this.#timer = setTimeout(() => this.#watchForSilence(), limit - silentFor);
  }

  /** Forgets the connection, if there is one, and whatever was to happen next. */
  #drop(): void {
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#liveSince = undefined;
    const endTurn = this.#endTurn;
    this.#endTurn = undefined;
    // Later, since `eventsource` plans a retry of its own right after it has told of an error.
    if (connection || endTurn)
      queueMicrotask(() => {
        connection?.close();
        endTurn?.();
      });
  }

  #retry(delayMs?: number): void {
    if (this.#isParked) return;
    const now = Date.now();
    const wasSteady = this.#liveSince !== undefined && now - this.#liveSince >= steadyMs;
    this.#drop();
    this.readiness = this.CONNECTING;
    if (wasSteady) this.#failingSince = undefined;
    this.#failingSince ??= now;
    const { minDelayMs, maxDelayMs, network } = this.#options;
    const wait = network.isOnline()
      ? retryDelayMs({ failingForMs: now - this.#failingSince, minDelayMs, maxDelayMs })
      : offlineDelayMs;
    this.#timer = setTimeout(() => this.#connect(), delayMs ?? wait);
    this.#updateState();
    this.dispatchEvent(new Event('error'));
  }

  #updateState(): void {
    this.setState(this.#newState());
  }

  #newState(): ConnectionState {
    if (this.#liveSince !== undefined) return 'live';
    if (this.#failingSince === undefined) return 'connecting';
    if (!this.#options.network.isOnline()) return 'offline';
    return Date.now() - this.#failingSince >= this.#options.pollingAfterMs ? 'polling' : 'reconnecting';
  }

  #onNetwork(change: NetworkChange): void {
    switch (change) {
      case 'offline':
        // A connection that still works may go on: it may lead to this machine.
        this.#updateState();
        break;
      case 'online':
        // Trouble from now on is another one; and a connection from before may be dead without knowing.
        this.#failingSince &&= Date.now();
        this.#retry(0);
        break;
      case 'hidden':
        clearTimeout(this.#parkTimer);
        this.#parkTimer = setTimeout(() => {
          this.#isParked = true;
          this.#drop();
        }, this.#options.hiddenMs);
        break;
      case 'visible':
        clearTimeout(this.#parkTimer);
        if (this.#isParked) {
          this.#isParked = false;
          this.#connect();
        } else if (this.state !== 'live') this.retryNow();
        else if (Date.now() - this.#heardAt > quietMs) this.#retry(0);
        break;
    }
  }
}

/** A class with these options, for `httpSubscriptionLink` and whatever else wants an EventSource. */
export function createSurvivingEventSource<Init = EventSourceInit>(options: SurvivingEventSourceOptions<Init> = {}) {
  return class extends SurvivingEventSource<Init> {
    constructor(url: string | URL, init?: Init) {
      super(url, init, options);
    }
  };
}

/**
 * Anything up to how long it has failed already: waits grow with the outage, however many attempts something else has
 * caused, and clients that were cut off together do not come back together.
 */
export function retryDelayMs({
  failingForMs,
  minDelayMs,
  maxDelayMs,
}: {
  failingForMs: number;
  minDelayMs: number;
  maxDelayMs: number;
}): number {
  return Math.random() * Math.min(maxDelayMs, Math.max(minDelayMs, failingForMs));
}

function inactivityMs(connected: string): number | undefined {
  const { reconnectAfterInactivityMs } = JSON.parse(connected) as { reconnectAfterInactivityMs?: number };
  return reconnectAfterInactivityMs;
}

function withLastEventId(url: string, lastEventId: string): string {
  if (lastEventId === '') return url;
  const end = url.includes('?') ? url.indexOf('?') : url.length;
  const params = new URLSearchParams(url.slice(end));
  params.set('lastEventId', lastEventId);
  return `${url.slice(0, end)}?${params}`;
}

/** What the browser says of its network and of the page; in Node, always online and never looked at. */
export const browserNetwork: Network = {
  isOnline: () => globalThis.navigator?.onLine !== false,
  listen(listener) {
    if (globalThis.window === undefined) return () => {};
    const abort = new AbortController();
    const { signal } = abort;
    window.addEventListener('online', () => listener('online'), { signal });
    window.addEventListener('offline', () => listener('offline'), { signal });
    const tellVisibility = () => listener(document.hidden ? 'hidden' : 'visible');
    document.addEventListener('visibilitychange', tellVisibility, { signal });
    if (document.hidden) tellVisibility();
    return () => abort.abort();
  },
};
