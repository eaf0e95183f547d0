/** Why a connection could not be made, or has broken. */
export interface ConnectionFailure {
  /** For people; continues a sentence such as "Runlight cannot be reached: …". */
  message: string;
  /** Of an answer that is not a stream. */
  status?: number;
  /** The text of that answer. */
  body?: string;
  cause?: unknown;
}

/** The `error` event of a connection that knows why it has failed. */
export class ConnectionFailureEvent extends Event {
  readonly failure: ConnectionFailure;

  constructor(failure: ConnectionFailure) {
    super('error');
    this.failure = failure;
  }
}
