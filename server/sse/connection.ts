import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from './frame.ts';

/** Frames that may gather for a client within one turn of the event loop; more are written earlier. */
const maxPending = 256;

/**
 * One client's open response: all frames of one turn of the event loop leave in one write. There may be thousands, so
 * each is one object without functions of its own.
 */
export abstract class Connection {
  readonly openedAt = Date.now();
  readonly #response: ServerResponse;
  readonly #flusher: Flusher;
  /** Takes ready-made chunks; undefined where Node must wrap the bytes (HTTP/2, HTTP/1.0, pipelined requests). */
  readonly #socket: Socket | undefined;
  /** Most turns bring one frame; the others gather in `#more`. */
  #first: Frame | undefined;
  #more: Frame[] | undefined;
  #isFull = false;
  #isOver = false;

  /** `response` has sent its headers. */
  constructor(response: ServerResponse, flusher: Flusher) {
    this.#response = response;
    this.#flusher = flusher;
    const canWriteChunks = response.req.httpVersionMajor === 1 && response.chunkedEncoding;
    this.#socket = canWriteChunks ? (response.socket ?? undefined) : undefined;
  }

  /** A slow client has room again. */
  protected abstract onDrain(): void;

  /** Sends the frame together with the others of this turn. Returns false when the client is slow: wait for `onDrain`. */
  protected send(frame: Frame): boolean {
    if (this.#isOver) return true;
    if (this.#first === undefined) {
      this.#first = frame;
      this.#flusher.add(this);
    } else {
      this.#more ??= [this.#first];
      if (this.#more.push(frame) >= maxPending) this.flush();
    }
    return !this.#isFull;
  }

  /** Writes the pending frames; called by the flusher. */
  flush(): void {
    if (this.#first === undefined || this.#isOver) return;
    const { plain, chunk } = this.#more === undefined ? this.#first : this.#flusher.join(this.#more);
    this.#first = undefined;
    this.#more = undefined;
    const target = this.#socket ?? this.#response;
    const hasRoom = this.#socket ? this.#socket.write(chunk) : this.#response.write(plain);
    if (hasRoom || this.#isFull) return;
    this.#isFull = true;
    target.once('drain', () => {
      this.#isFull = false;
      if (!this.#isOver) this.onDrain();
    });
  }

  /** Sends the pending frames and ends the response when the client has taken them. */
  protected finish(): void {
    if (this.#isOver) return;
    this.flush();
    this.#isOver = true;
    this.#response.end();
  }

  /** Ends the response. A client that has not taken all that was sent is cut off, even if the response has ended. */
  protected finishOrCut(): void {
    if (this.#isFull || this.#isOver) this.#response.destroy();
    else this.finish();
  }

  /** The client has gone: nothing is written any more. */
  protected abandon(): void {
    this.#isOver = true;
    this.#first = undefined;
    this.#more = undefined;
  }
}

/** Writes the pending frames of all connections at the end of a turn of the event loop. */
export interface Flusher {
  add(connection: Connection): void;
  join(frames: readonly Frame[]): Frame;
}

export function createFlusher(join: (frames: readonly Frame[]) => Frame): Flusher {
  let dirty: Connection[] = [];
  function flush() {
    const connections = dirty;
    dirty = [];
    for (const connection of connections) connection.flush();
  }
  return {
    add(connection) {
      if (dirty.length === 0) process.nextTick(flush);
      dirty.push(connection);
    },
    join,
  };
}
