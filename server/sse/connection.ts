import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from './frame.ts';

/** Frames that may gather for a client within one turn of the event loop. */
const maxPending = 256;

/** One client's open stream: what is handed to it within a turn of the event loop leaves in one write. */
export class Connection {
  readonly openedAt = Date.now();
  readonly #response: ServerResponse;
  readonly #flusher: Flusher;
  readonly #onDrain: () => void;
  /** Where ready-made chunks go; undefined where Node must wrap them (HTTP/2, HTTP/1.0, pipelined requests). */
  readonly #socket: Socket | undefined;
  /** Most turns bring one frame; the others gather in `#more`. */
  #first: Frame | undefined;
  #more: Frame[] | undefined;
  #isFull = false;
  #isOver = false;

  /** `response` has sent its headers. `onDrain` is called when a client that was slow has caught up. */
  constructor(response: ServerResponse, flusher: Flusher, onDrain: () => void) {
    this.#response = response;
    this.#flusher = flusher;
    this.#onDrain = onDrain;
    const canWriteChunks = response.req.httpVersionMajor === 1 && response.chunkedEncoding;
    this.#socket = canWriteChunks ? (response.socket ?? undefined) : undefined;
  }

  /** Sends the frame with this turn's others. Answers false when the client is slow: then wait for `onDrain`. */
  send(frame: Frame): boolean {
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
      if (!this.#isOver) this.#onDrain();
    });
  }

  /** Sends what is pending and ends the response when the client has taken it. */
  end(): void {
    if (this.#isOver) return;
    this.flush();
    this.#isOver = true;
    this.#response.end();
  }

  /** Ends the response; a client that has not taken what was sent is cut off. */
  expire(): void {
    if (this.#isFull) this.#response.destroy();
    else this.end();
  }

  /** The client has gone: nothing is written any more. */
  abandon(): void {
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
