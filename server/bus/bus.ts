/** Receives messages. `undefined`: the message was too large for the bus; read the database instead. */
export type BusListener = (message: string | undefined, channel: string) => void;

export interface BusMessage {
  channel: string;
  /** JSON text. */
  message: string;
}

/**
 * Immediate delivery between processes. Messages may be lost at any time, are never duplicated, and arrive in the order
 * in which one publisher sent them on one channel. The database is the source of truth.
 */
export interface Bus extends AsyncDisposable {
  readonly kind: 'redis' | 'postgres';
  /** `down`: nothing is delivered; the bus reconnects by itself. */
  readonly state: 'up' | 'down';
  /**
   * Resolves when the server has acknowledged the subscription. The result ends it (idempotent, never throws). All
   * listeners of a channel share one subscription on the server and are called synchronously with the same string. The
   * first message may come just before the promise resolves. Rejects when the server refuses or the bus is down for
   * longer than a few seconds (`AppError` SERVICE_UNAVAILABLE), or with the signal's reason when it aborts; nothing
   * stays subscribed then.
   */
  subscribe(channel: string, listener: BusListener, options?: { signal?: AbortSignal }): Promise<() => void>;
  /**
   * Publishes the messages in order, also relative to earlier calls that are not awaited. Rejects within a few seconds
   * when the bus cannot be reached. Equal messages that are sent together may arrive as one.
   */
  publish(messages: readonly BusMessage[]): Promise<void>;
  /**
   * Reports that the connection broke (`down`) and that every channel is subscribed again (`reset`). Messages in between
   * are lost, so read the database. Returns a function that removes the listener.
   */
  onState(listener: (event: 'down' | 'reset') => void): () => void;
  /** Rejects when the connection for delivery or the one for publishing does not answer within a few seconds. */
  ping(): Promise<void>;
  /** Channels of this process on the server, including those being subscribed or unsubscribed. */
  channelCount(): number;
}
