import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from './frame.ts';

/** Frames that may gather for a client within one turn of the event loop. */
const maxPending = 256;

/**
 * One client's open stream: what is handed to it within a turn of the event loop leaves in one write. There may be
 * thousands, so what each holds is one object without functions of its own.
 */
export abstract class Connection {
  readonly openedAt = Date.now();
  readonly #response: ServerResponse;
  readonly #flusher: Flusher;
  /** Where ready-made chunks go; undefined where Node must wrap them (HTTP/2, HTTP/1.0, pipelined requests). */
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

  /** A client that was slow has caught up. */
  protected abstract onDrain(): void;

  /** Sends the frame with this turn's others. Answers false when the client is slow: then wait for `onDrain`. */
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

  /** Writes what is pending; called by the flusher. */
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

  /** Sends what is pending and ends the response when the client has taken it. */
  protected finish(): void {
    if (this.#isOver) return;
    this.flush();
    this.#isOver = true;
    this.#response.end();
  }

  /** Ends the response; a client that has not taken what was sent, also since the response ended, is cut off. */
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

/** Writes, at the end of a turn of the event loop, what the turn has brought to each connection. */
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
