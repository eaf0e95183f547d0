import { ComposedEventSource, type ConnectionState } from './composed-event-source.ts';
import { browserNetwork, type Network, type PlainEventSource, SurvivingEventSource } from './surviving-event-source.ts';
import type { TabChannel, Tabs } from './tabs.ts';

/** What tabs that share a stream tell each other. Positions are ids of events, '' before the first. */
type Message =
  /** Of a tab that follows: where is the leader? */
  | { type: 'where'; visible: boolean }
  /** Of the leader: there, and doing so. */
  | { type: 'here'; position: string; state: ConnectionState }
  /** Of the leader: an event, which follows what is at `after`. Only those of type `message` have an id. */
  | { type: 'event'; name: string; data: string; id: string; after: string }
  /** Of a tab whose user wants to see another attempt now. */
  | { type: 'retry' };

export interface SharedEventSourceOptions<Init> {
  tabs: Tabs;
  /** Makes the single connections; the browser's by default. */
  EventSource?: new (url: string, init?: Init) => PlainEventSource;
  /** Hears of each change of a source's state, `null` once it is closed. */
  onStateChange?: (source: SharedEventSource<Init>, state: ConnectionState | null) => void;
  network?: Network;
  /**
   * True for the stream that every tab follows: it takes no turns, and the last tab that leads in it goes on when it is
   * hidden.
   */
  isFeed?: (url: string) => boolean;
  /** A tab that nobody has looked at for this long makes no connections. */
  hiddenMs?: number;
  /** How often a tab that follows makes sure of the leader, and how long it waits for the answer, in ms. */
  askEveryMs?: number;
  answerMs?: number;
}

/**
 * An EventSource that the tabs of a browser share: one of them leads, holds the connection and passes on what it brings.
 * Ids must be numbers that rise. Every event names the id that it follows, so a tab that has missed some notices; it
 * then gets them by a connection of its own, as a tab does that comes later, and lets go of it where the leader is. If
 * the leader goes, the next one goes on after the last event that it has had itself. A leader that does not answer
 * delays nobody.
 */
export class SharedEventSource<Init = EventSourceInit> extends ComposedEventSource {
  readonly #name: string;
  readonly #isFeed: boolean;
  readonly #init: Init | undefined;
  readonly #options: SharedEventSourceOptions<Init>;
  readonly #network: Network;
  readonly #channel: TabChannel;
  readonly #stopListening: () => void;
  #position: string;
  /** This tab's connection: as the leader, or until it is where the leader is. */
  #own: SurvivingEventSource<Init> | undefined;
  /** Gives the lead up, while this tab has it; before that, withdraws from waiting for it. */
  #resign: (() => void) | undefined;
  #withdraw: (() => void) | undefined;
  /** How far the leader is known to be; null: nothing is known of one. */
  #leaderAt: string | null = null;
  #isStarted = false;
  #isHidden = false;
  #hideTimer: ReturnType<typeof setTimeout> | undefined;
  #askTimer: ReturnType<typeof setInterval> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string | URL, init: Init | undefined, options: SharedEventSourceOptions<Init>) {
    super(url);
    const { name, lastEventId } = nameOf(this.url);
    this.#name = name;
    this.#position = lastEventId;
    this.#isFeed = options.isFeed?.(name) ?? false;
    this.#init = init;
    this.#options = options;
    this.#network = options.network ?? browserNetwork;
    this.#channel = options.tabs.channel(name);
    this.#channel.onMessage = (message) => this.#onMessage(message as Message);
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

  /** Makes the next attempt now, or has the leader make it, unless there is a connection that works. */
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
    void this.#applyForLead();
    this.#ask();
    this.#askTimer = setInterval(() => this.#ask(), this.#options.askEveryMs ?? 10_000);
  }

  /** Asks for nothing more by itself. */
  #rest(): void {
    clearInterval(this.#askTimer);
    clearTimeout(this.#answerTimer);
    this.#withdraw?.();
    this.#withdraw = undefined;
  }

  async #applyForLead(): Promise<void> {
    const application = new AbortController();
    const withdraw = () => application.abort();
    this.#withdraw = withdraw;
    try {
      const resign = await this.#options.tabs.lead(this.#name, application.signal);
      if (this.#withdraw !== withdraw) return resign();
      this.#withdraw = undefined;
      this.#resign = resign;
    } catch (error) {
      if (application.signal.aborted) return;
      throw error;
    }
    clearTimeout(this.#answerTimer);
    // One without turns, if it is the feed; and it asks for what the last leader may not have passed on.
    this.#closeOwn();
    this.#openOwn();
    this.#tellWhere();
  }

  /** No longer leads and has no connection, but hears what others pass on. */
  #leave(): void {
    this.#closeOwn();
    this.#resign?.();
    this.#resign = undefined;
  }

  /** Makes sure that somebody leads; where nobody answers, this tab helps itself. */
  #ask(): void {
    if (this.#resign) return;
    this.#post({ type: 'where', visible: !this.#isHidden });
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => {
      this.#leaderAt = null;
      this.#openOwn();
    }, this.#options.answerMs ?? 1_500);
  }

  #onMessage(message: Message): void {
    if (this.readiness === this.CLOSED) return;
    if (this.#resign) return this.#onMessageAsLeader(message);
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

  #onMessageAsLeader(message: Message): void {
    if (message.type === 'retry') this.#own?.retryNow();
    if (message.type !== 'where') return;
    // Of a tab that somebody looks at, while nobody looks at this one: it is next in line.
    if (this.#isHidden && message.visible) this.#leave();
    else this.#tellWhere();
  }

  /** Gets a connection if the leader is further, lets go of it if it is not. */
  #compare(): void {
    if (this.#leaderAt === null) return;
    if (isAfter(this.#leaderAt, this.#position)) this.#openOwn();
    else {
      this.#closeOwn();
      this.#start();
    }
  }

  #tellWhere(): void {
    this.#post({ type: 'here', position: this.#position, state: this.#own?.state ?? this.state });
  }

  #openOwn(): void {
    if (this.#own || (this.#isHidden && !this.#resign)) return;
    const { tabs, EventSource } = this.#options;
    this.#own = new SurvivingEventSource<Init>(this.#name, this.#init, {
      ...(EventSource && { EventSource }),
      network: this.#networkOfOwn(),
      turns: this.#isFeed && this.#resign ? undefined : tabs.turns,
      lastEventId: this.#position,
      onStateChange: (source, state) => {
        if (source !== this.#own || state === null) return;
        this.setState(state);
        if (this.#resign) this.#tellWhere();
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

  /** Being looked at is dealt with here. */
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
      if (this.#resign) this.#post({ type: 'event', name, data, id, after });
      this.#deliver({ name, data, id });
      if (!this.#resign && this.#own) this.#compare();
    });
  }

  #deliver({ name, data, id }: { name: string; data: string; id: string }): void {
    if (id) this.#position = id;
    this.readiness = this.OPEN;
    if (name === 'connected') this.#isStarted = true;
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId: id }));
  }

  /** Whoever listens waits to hear that the stream has begun, though no connection was made here. */
  #start(): void {
    if (!this.#isStarted) this.#deliver({ name: 'connected', data: '{}', id: '' });
  }

  #post(message: Message): void {
    this.#channel.post(message);
  }

  #onHidden(): void {
    clearTimeout(this.#hideTimer);
    this.#hideTimer = setTimeout(() => {
      this.#isHidden = true;
      this.#rest();
      if (!this.#resign) this.#closeOwn();
      // Whoever looks at another tab asks for the feed's leader soon.
      else if (!this.#isFeed) this.#leave();
    }, this.#options.hiddenMs ?? 10_000);
  }

  #onVisible(): void {
    clearTimeout(this.#hideTimer);
    if (!this.#isHidden) return;
    this.#isHidden = false;
    if (this.#resign) {
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

/** A stream's address without the place to go on from, which is not the same for all who follow it. */
function nameOf(url: string): { name: string; lastEventId: string } {
  const start = url.indexOf('?');
  if (start === -1) return { name: url, lastEventId: '' };
  const params = new URLSearchParams(url.slice(start));
  const { lastEventId, ...input } = JSON.parse(params.get('input') ?? '{}') as { lastEventId?: string | null };
  params.set('input', JSON.stringify(input));
  return { name: `${url.slice(0, start)}?${params}`, lastEventId: lastEventId ?? '' };
}

const isAfter = (position: string, other: string) => Number(position) > Number(other);
