import { ComposedEventSource, type ConnectionState } from '#sdk/live/composed-event-source.ts';
import { Leadership } from './leadership.ts';
import { browserNetwork, type Network } from '#sdk/live/network.ts';
import { withoutLastEventId } from '#sdk/live/stream-url.ts';
import type { PlainEventSource } from '#sdk/live/plain-event-source.ts';
import { SurvivingEventSource } from '#sdk/live/surviving-event-source.ts';
import { isAfter, type TabMessage } from './tab-message.ts';
import type { TabChannel, Tabs } from './tabs.ts';

export interface SharedEventSourceOptions<Init> {
  tabs: Tabs;
  /** Makes one connection each; the browser's by default. */
  EventSource?: new (url: string, init?: Init) => PlainEventSource;
  /** Called with each new state of a source; `null` once it is closed. */
  onStateChange?: (source: SharedEventSource<Init>, state: ConnectionState | null) => void;
  network?: Network;
  /** True for the stream that every tab follows: its leader needs no connection slot, and keeps the lead while hidden. */
  isFeed?: (url: string) => boolean;
  /** A tab that is hidden for this long makes no connections. */
  hiddenMs?: number;
  /** How often a follower asks for the leader, and how long it waits for the answer, in ms. */
  askEveryMs?: number;
  answerMs?: number;
}

/**
 * An EventSource that the tabs of a browser share. One tab leads: it holds the connection and passes its events on. Event
 * ids are rising numbers, or have no order, as those made from the content of a state.
 *
 *                    has the lead
 *     following ─────────────────────────────► leading
 *       │    ▲                                  ▲   │
 *       │    └────── at the leader's position   │   │ hidden, unless it leads the feed;
 *       │                 │                     │   │ or hidden, and a visible tab asks
 *       ├─ behind, or ──► catching up ──────────┘   │
 *       │  no answer      (own connection)          │
 *       └───────── hidden for `hiddenMs` ──► resting ◄
 *
 * - Each event names the position that it follows, so a follower that has missed events notices. It catches up by a
 *   connection of its own, as a new tab does, and closes it at the leader's position.
 * - A new leader goes on after the last event that it has itself.
 * - A follower uses a connection of its own while its leader does not answer.
 * - A resting tab makes no connection and does not apply for the lead. When it is visible again, it follows.
 */
export class SharedEventSource<Init = EventSourceInit> extends ComposedEventSource {
  /** The stream's URL without a position. */
  readonly #streamUrl: string;
  readonly #isFeed: boolean;
  readonly #init: Init | undefined;
  readonly #options: SharedEventSourceOptions<Init>;
  readonly #network: Network;
  readonly #channel: TabChannel;
  readonly #leadership: Leadership;
  readonly #stopListening: () => void;
  /** Id of the last event that this tab has. */
  #position: string;
  /** This tab's connection, while it leads or catches up. */
  #own: SurvivingEventSource<Init> | undefined;
  /** The last known position of the leader; null: not known. */
  #leaderAt: string | null = null;
  #isStarted = false;
  #isHidden = false;
  #hideTimer: ReturnType<typeof setTimeout> | undefined;
  #askTimer: ReturnType<typeof setInterval> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string | URL, init: Init | undefined, options: SharedEventSourceOptions<Init>) {
    super(url);
    const { url: streamUrl, lastEventId } = withoutLastEventId(this.url);
    this.#streamUrl = streamUrl;
    this.#position = lastEventId;
    this.#isFeed = options.isFeed?.(streamUrl) ?? false;
    this.#init = init;
    this.#options = options;
    this.#network = options.network ?? browserNetwork;
    this.#channel = options.tabs.channel(streamUrl);
    this.#channel.onMessage = (message) => this.#onMessage(message as TabMessage);
    this.#leadership = new Leadership(
      (signal) => options.tabs.lead(streamUrl, signal),
      () => this.#onLead(),
    );
    this.onStateChange(this.state);
    this.#stopListening = this.#network.listen((change) => {
      if (change === 'hidden') this.#onHidden();
      if (change === 'visible') this.#onVisible();
    });
    // A source that is closed at once, as when React mounts twice, does nothing.
    queueMicrotask(() => this.#begin());
  }

  protected override forward(type: string): void {
    if (this.#own) this.#listenTo(this.#own, type);
  }

  protected override onStateChange(state: ConnectionState): void {
    this.#options.onStateChange?.(this, state);
  }

  /** Makes the next attempt now, or asks the leader to, unless the connection works. */
  retryNow(): void {
    if (this.#own) this.#own.retryNow();
    else this.#post({ type: 'retry' });
  }

  close(): void {
    if (this.readiness === this.CLOSED) return;
    this.readiness = this.CLOSED;
    this.#stopListening();
    this.#rest();
    clearTimeout(this.#hideTimer);
    this.#leave();
    this.#channel.close();
    this.#options.onStateChange?.(this, null);
  }

  #begin(): void {
    if (this.readiness === this.CLOSED) return;
    this.#leadership.apply();
    this.#ask();
    this.#askTimer = setInterval(() => this.#ask(), this.#options.askEveryMs ?? 10_000);
  }

  /** Ends asking for the leader and applying for the lead. */
  #rest(): void {
    clearInterval(this.#askTimer);
    clearTimeout(this.#answerTimer);
    this.#leadership.withdraw();
  }

  #onLead(): void {
    clearTimeout(this.#answerTimer);
    // A new connection: the feed's needs no slot, and it asks for what the last leader may not have passed on.
    this.#closeOwn();
    this.#openOwn();
    this.#reportPosition();
  }

  /** Gives up the connection and the lead; this tab still takes the events of another leader. */
  #leave(): void {
    this.#closeOwn();
    this.#leadership.resign();
  }

  /** Asks for the leader. Without an answer, this tab opens a connection of its own. */
  #ask(): void {
    if (this.#leadership.isLeading) return;
    this.#post({ type: 'where', visible: !this.#isHidden });
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => {
      this.#leaderAt = null;
      this.#openOwn();
    }, this.#options.answerMs ?? 1_500);
  }

  #onMessage(message: TabMessage): void {
    if (this.readiness === this.CLOSED) return;
    if (this.#leadership.isLeading) return this.#onMessageAsLeader(message);
    if (message.type !== 'here' && message.type !== 'event') return;
    clearTimeout(this.#answerTimer);
    if (message.type === 'here') {
      this.#leaderAt = message.position;
      this.#compare();
      if (!this.#own) this.setState(message.state);
      return;
    }
    const { id, after } = message;
    this.#leaderAt = after;
    this.#compare();
    const isNews = id === '' || isAfter(id, this.#position);
    if (!this.#own && isNews && !isAfter(after, this.#position)) this.#deliver(message);
    if (id) this.#leaderAt = id;
  }

  #onMessageAsLeader(message: TabMessage): void {
    if (message.type === 'retry') this.#own?.retryNow();
    if (message.type !== 'where') return;
    // The visible tab has applied for the lead and gets it now.
    if (this.#isHidden && message.visible) this.#leave();
    else this.#reportPosition();
  }

  /** Opens a connection if the leader is further, closes it if not. */
  #compare(): void {
    if (this.#leaderAt === null) return;
    if (isAfter(this.#leaderAt, this.#position)) this.#openOwn();
    else {
      this.#closeOwn();
      this.#start();
    }
  }

  #reportPosition(): void {
    this.#post({ type: 'here', position: this.#position, state: this.#own?.state ?? this.state });
  }

  #openOwn(): void {
    if (this.#own || (this.#isHidden && !this.#leadership.isLeading)) return;
    const { tabs, EventSource } = this.#options;
    this.#own = new SurvivingEventSource<Init>(this.#streamUrl, this.#init, {
      ...(EventSource && { EventSource }),
      network: this.#networkOfOwn(),
      slots: this.#isFeed && this.#leadership.isLeading ? undefined : tabs.slots,
      lastEventId: this.#position,
      onStateChange: (source, state) => {
        if (source !== this.#own || state === null) return;
        this.setState(state);
        if (this.#leadership.isLeading) this.#reportPosition();
      },
    });
    for (const type of this.types) this.#listenTo(this.#own, type);
    const own = this.#own;
    own.addEventListener('error', () => {
      if (own !== this.#own) return;
      this.readiness = this.CONNECTING;
      this.dispatchEvent(new Event('error'));
    });
  }

  /** Without `hidden`, since this source closes its connections itself. */
  #networkOfOwn(): Network {
    return {
      isOnline: this.#network.isOnline,
      listen: (listener) => this.#network.listen((change) => change !== 'hidden' && listener(change)),
    };
  }

  #closeOwn(): void {
    const own = this.#own;
    this.#own = undefined;
    own?.close();
  }

  #listenTo(own: SurvivingEventSource<Init>, name: string): void {
    own.addEventListener(name, (event) => {
      if (own !== this.#own) return;
      const { data, lastEventId } = event as MessageEvent<string>;
      const after = this.#position;
      const id = name === 'message' ? lastEventId : '';
      if (this.#leadership.isLeading) this.#post({ type: 'event', name, data, id, after });
      this.#deliver({ name, data, id });
      if (!this.#leadership.isLeading && this.#own) this.#compare();
    });
  }

  #deliver({ name, data, id }: { name: string; data: string; id: string }): void {
    if (id) this.#position = id;
    this.readiness = this.OPEN;
    if (name === 'connected') this.#isStarted = true;
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId: id }));
  }

  /** Reports the beginning of the stream where no connection of this tab has done so. */
  #start(): void {
    if (!this.#isStarted) this.#deliver({ name: 'connected', data: '{}', id: '' });
  }

  #post(message: TabMessage): void {
    this.#channel.post(message);
  }

  #onHidden(): void {
    clearTimeout(this.#hideTimer);
    this.#hideTimer = setTimeout(() => {
      this.#isHidden = true;
      this.#rest();
      if (!this.#leadership.isLeading) this.#closeOwn();
      // The feed's leader goes on until a visible tab asks for it.
      else if (!this.#isFeed) this.#leave();
    }, this.#options.hiddenMs ?? 10_000);
  }

  #onVisible(): void {
    clearTimeout(this.#hideTimer);
    if (!this.#isHidden) return;
    this.#isHidden = false;
    if (this.#leadership.isLeading) {
      this.#askTimer = setInterval(() => this.#ask(), this.#options.askEveryMs ?? 10_000);
    } else this.#begin();
  }
}

/** A class with these options, for `httpSubscriptionLink`. */
export function createSharedEventSource<Init = EventSourceInit>(options: SharedEventSourceOptions<Init>) {
  return class extends SharedEventSource<Init> {
    constructor(url: string | URL, init?: Init) {
      super(url, init, options);
    }
  };
}
