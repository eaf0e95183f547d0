/** Receives what a channel brings. `undefined`: a message was too large for the bus; read the database instead. */
export type BusListener = (message: string | undefined, channel: string) => void;

export interface BusMessage {
  channel: string;
  /** JSON text. */
  message: string;
}

/**
 * Immediate delivery between processes, and nothing more: messages may be lost at any time, are never doubled, and
 * arrive in the order in which one publisher sent them on one channel. The database is the truth.
 */
export interface Bus extends AsyncDisposable {
  readonly kind: 'redis' | 'postgres';
  /** `down`: nothing is delivered now; the bus reconnects by itself. */
  readonly state: 'up' | 'down';
  /**
   * Resolves, when the server has acknowledged the subscription, to a function that ends it (idempotent, never
   * throws). However many listeners a channel has, the server knows one. All of them are called in one go, with the
   * same string; the first message may come just before the promise resolves. Rejects, holding nothing, when the
   * server refuses or the bus is down for longer than a few seconds (`AppError` SERVICE_UNAVAILABLE), or with the
   * signal's reason when it aborts.
   */
  subscribe(channel: string, listener: BusListener, options?: { signal?: AbortSignal }): Promise<() => void>;
  /**
   * Hands the messages over in order, also relative to earlier calls that are not awaited; rejects within a few
   * seconds when the bus cannot be reached. Equal messages that leave together may arrive as one.
   */
  publish(messages: readonly BusMessage[]): Promise<void>;
  /**
   * Tells when the connection broke (`down`) and when every channel is subscribed again (`reset`): messages
   * in between are lost, so read. Returns a function that removes the listener.
   */
  onState(listener: (event: 'down' | 'reset') => void): () => void;
  /** Rejects when the server does not answer within a few seconds, for delivery as well as for publishing. */
  ping(): Promise<void>;
  /** Channels that the server has for this process now, those being acquired or released included. */
  channelCount(): number;
}
