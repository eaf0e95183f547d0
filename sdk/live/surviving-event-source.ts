import { ComposedEventSource, type ConnectionState } from './composed-event-source.ts';
import { type ConnectionFailure, ConnectionFailureEvent } from './connection-failure.ts';
import type { ConnectionSlots } from './connection-slots.ts';
import { errorText, inactivityMs } from './control-events.ts';
import { browserNetwork, type Network, type NetworkChange } from './network.ts';
import { GaveUpEvent, type GiveUpRule, OutageWatch } from './outage.ts';
import type { PlainEventSource } from './plain-event-source.ts';
import { retryDelayMs } from './retry-delay.ts';
import {
  backOnline,
  broken,
  connectionStateOf,
  dropped,
  idle,
  isSteady,
  received,
  type StreamHealth,
} from './stream-health.ts';
import { withLastEventId } from './stream-url.ts';

export interface SurvivingEventSourceOptions<Init> {
  /** Makes one connection each; the browser's by default. */
  EventSource?: new (url: string, init?: Init) => PlainEventSource;
  /** Called with each new state of a source; `null` once it is closed. */
  onStateChange?: (source: SurvivingEventSource<Init>, state: ConnectionState | null) => void;
  /**
   * Asked after each failure, and several times a second while the stream does not get through: with an error, the source
   * ends with a `GaveUpEvent`. By default, it never gives up.
   */
  giveUp?: GiveUpRule | undefined;
  /** The browser's by default; always online where there is none. */
  network?: Network;
  /** Each connection takes a slot. Without slots, connections are made at once. */
  slots?: ConnectionSlots | undefined;
  /** The last event that the caller already has; the first connection asks for what follows it. */
  lastEventId?: string;
  /** Limits of the delay before the next attempt, in ms. */
  minDelayMs?: number;
  maxDelayMs?: number;
  /** A connection without a first event after this long is given up. The server must speak first, as tRPC's does. */
  silenceMs?: number;
  /** A page that is hidden for this long closes its connection: a browser has six for all its tabs. */
  hiddenMs?: number;
  /** After this long without success, `reconnecting` becomes `polling`. */
  pollingAfterMs?: number;
}

/** Delay of attempts while offline. They are made because browsers can be wrong about being offline. */
const offlineDelayMs = 30_000;
/** A connection that is silent for this long when the user comes back is probably dead. */
const quietMs = 60_000;

/**
 * An EventSource that only `close` ends, and `giveUp` if it is given. After any failure (network, a proxy's 502, a restart, a wrong content type) it
 * stays CONNECTING, tries again after a random, growing delay, and asks for what follows the last event, with
 * `lastEventId` in the URL. Each attempt has a plain EventSource of its own.
 *
 *     waiting for a slot ──► connecting ── first event ──► live
 *       ▲    ▲    ▲               │                        │ │ │
 *       │    │    └── delay ── delayed ◄─ failure, silence ┘ │ │
 *       │    └───────────────── slot wanted ─────────────────┘ │
 *       └── visible ── parked ◄── hidden for `hiddenMs` ───────┘ (and from every other state)
 *
 * `StreamHealth` remembers successes and failures across connections; the state that users see follows from it.
 */
export class SurvivingEventSource<Init = EventSourceInit> extends ComposedEventSource {
  readonly #init: Init | undefined;
  readonly #options: Required<Omit<SurvivingEventSourceOptions<Init>, 'slots' | 'lastEventId' | 'giveUp'>>;
  readonly #slots: ConnectionSlots | undefined;
  readonly #outages: OutageWatch | undefined;
  readonly #stopListening: () => void;
  /** Returns the slot of this connection, or stops waiting for one. */
  #returnSlot: (() => void) | undefined;
  /** The connection that exists or is being made. */
  #connection: PlainEventSource | undefined;
  /** For the next attempt, or for this connection's silence. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The page is hidden: no connection until it is visible. */
  #isParked = false;
  #parkTimer: ReturnType<typeof setTimeout> | undefined;
  #health: StreamHealth = idle;
  #lastEventId: string;
  /** Epoch ms of the newest event. */
  #heardAt = 0;
  /** How long a working connection can be silent, in ms, as the server says. */
  #inactivityMs: number | undefined;
  /** What the server has said in this connection before it ended it. */
  #serverError: ConnectionFailure | undefined;

  /** Throws where neither the platform nor the options have an EventSource. */
  constructor(url: string | URL, init?: Init, options: SurvivingEventSourceOptions<Init> = {}) {
    super(url);
    const Plain =
      options.EventSource ?? (globalThis.EventSource as (new (url: string) => PlainEventSource) | undefined);
    if (!Plain) throw new Error('There is no EventSource here; pass one, such as that of the package eventsource.');
    this.#init = init;
    this.#slots = options.slots;
    if (options.giveUp) this.#outages = new OutageWatch(options.giveUp, (error) => this.#endWith(error));
    this.#lastEventId = options.lastEventId ?? '';
    this.#options = {
      EventSource: Plain,
      onStateChange: options.onStateChange ?? (() => {}),
      network: options.network ?? browserNetwork,
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

  /** Makes the next attempt now, unless the connection works. */
  retryNow(): void {
    if (this.state !== 'live') this.#connect();
  }

  close(): void {
    if (this.readiness === this.CLOSED) return;
    this.readiness = this.CLOSED;
    clearTimeout(this.#parkTimer);
    this.#outages?.stop();
    this.#drop();
    this.#stopListening();
    this.#options.onStateChange(this, null);
  }

  #connect(): void {
    if (this.readiness === this.CLOSED || this.#isParked) return;
    this.#drop();
    this.#outages?.start();
    this.readiness = this.CONNECTING;
    if (this.#slots) void this.#connectInSlot(this.#slots);
    else this.#open();
  }

  async #connectInSlot(slots: ConnectionSlots): Promise<void> {
    const waiting = new AbortController();
    const stopWaiting = () => waiting.abort();
    this.#returnSlot = stopWaiting;
    try {
      // While it waits, the state stays what it was: events of that time come with the next connection.
      const returnSlot = await slots.take(waiting.signal, () => this.#connect());
      if (this.#returnSlot !== stopWaiting) return returnSlot();
      this.#returnSlot = returnSlot;
    } catch (error) {
      if (waiting.signal.aborted) return;
      throw error;
    }
    this.#open();
  }

  #open(): void {
    const connection = new this.#options.EventSource(withLastEventId(this.url, this.#lastEventId), this.#init);
    this.#connection = connection;
    this.#serverError = undefined;
    connection.addEventListener('open', () => {
      if (connection !== this.#connection) return;
      this.readiness = this.OPEN;
      this.dispatchEvent(new Event('open'));
    });
    connection.addEventListener('error', (event) => {
      if (connection !== this.#connection) return;
      this.#retry({ failure: event instanceof ConnectionFailureEvent ? event.failure : undefined });
    });
    for (const type of this.types) this.#forward(connection, type);
    this.#timer = setTimeout(() => this.#retry({ failure: silence(this.#options.silenceMs) }), this.#options.silenceMs);
  }

  #forward(connection: PlainEventSource, type: string): void {
    connection.addEventListener(type, (event) => {
      if (connection !== this.#connection) return;
      const { data, lastEventId, origin } = event as MessageEvent<string>;
      this.#heardAt = Date.now();
      if (lastEventId) this.#lastEventId = lastEventId;
      if (type === 'connected') this.#inactivityMs = inactivityMs(data);
      if (type === 'serialized-error') this.#serverError = { message: `it answers: ${errorText(data)}` };
      const isFirst = this.#health.name !== 'live';
      this.#health = received(this.#health, type, this.#heardAt);
      if (type === 'message') this.#outages?.end();
      if (isFirst) {
        this.#outages?.stop();
        this.#watchForSilence();
        this.#updateState();
      }
      // Without the server's limit, tRPC does not replace a source that is silent because the page is hidden.
      this.dispatchEvent(new MessageEvent(type, { data: type === 'connected' ? '{}' : data, lastEventId, origin }));
    });
  }

  /** Replaces a working connection once it is silent for longer than the server ever is. */
  #watchForSilence(): void {
    clearTimeout(this.#timer);
    const limit = this.#inactivityMs;
    if (limit === undefined) return;
    const silentFor = Date.now() - this.#heardAt;
    if (silentFor >= limit) this.#retry({ failure: silence(limit) });
    else this.#timer = setTimeout(() => this.#watchForSilence(), limit - silentFor);
  }

  /** Closes the connection or the attempt, and returns the slot. */
  #drop(): void {
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#health = dropped(this.#health);
    const returnSlot = this.#returnSlot;
    this.#returnSlot = undefined;
    // Later, since `eventsource` schedules its own retry right after its error event.
    queueMicrotask(() => {
      connection?.close();
      returnSlot?.();
    });
  }

  #retry({ delayMs, failure = unknownFailure }: { delayMs?: number; failure?: ConnectionFailure | undefined }): void {
    if (this.#isParked) return;
    const now = Date.now();
    if (isSteady(this.#health, now)) this.#outages?.end();
    const outage = broken(this.#health, now);
    this.#health = outage;
    this.#drop();
    if (this.#outages?.fail(this.#serverError ?? failure)) return;
    this.readiness = this.CONNECTING;
    const { minDelayMs, maxDelayMs, network } = this.#options;
    const wait = network.isOnline()
      ? retryDelayMs({ failingForMs: now - outage.since, minDelayMs, maxDelayMs })
      : offlineDelayMs;
    this.#timer = setTimeout(() => this.#connect(), delayMs ?? wait);
    this.#updateState();
    this.dispatchEvent(new Event('error'));
  }

  #endWith(error: Error): void {
    this.close();
    this.dispatchEvent(new GaveUpEvent(error));
  }

  #updateState(): void {
    const { network, pollingAfterMs } = this.#options;
    this.setState(connectionStateOf(this.#health, { isOnline: network.isOnline(), pollingAfterMs, now: Date.now() }));
  }

  #onNetwork(change: NetworkChange): void {
    switch (change) {
      case 'offline':
        // A connection that still works goes on: its server can be on this machine.
        this.#updateState();
        break;
      case 'online':
        // A connection from before can be dead without a sign of it.
        this.#health = backOnline(this.#health, Date.now());
        this.#retry({ delayMs: 0 });
        break;
      case 'hidden':
        clearTimeout(this.#parkTimer);
        this.#parkTimer = setTimeout(() => {
          this.#isParked = true;
          this.#outages?.stop();
          this.#drop();
        }, this.#options.hiddenMs);
        break;
      case 'visible':
        clearTimeout(this.#parkTimer);
        if (this.#isParked) {
          this.#isParked = false;
          this.#connect();
        } else if (this.state !== 'live') this.retryNow();
        else if (Date.now() - this.#heardAt > quietMs) this.#retry({ delayMs: 0 });
        break;
    }
  }
}

/** A class with these options, for `httpSubscriptionLink` and other users of EventSource. */
export function createSurvivingEventSource<Init = EventSourceInit>(options: SurvivingEventSourceOptions<Init> = {}) {
  return class extends SurvivingEventSource<Init> {
    constructor(url: string | URL, init?: Init) {
      super(url, init, options);
    }
  };
}

const unknownFailure: ConnectionFailure = { message: 'the connection could not be made, or has ended' };
const silence = (ms: number): ConnectionFailure => ({ message: `nothing came for ${Math.round(ms / 1_000)} s` });
