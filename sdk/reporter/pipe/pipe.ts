import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import type { SuitePipeCommand } from '#shared/suite-pipe.ts';
import { Alarm } from '#sdk/reporter/clock.ts';

/** Until a full pipe is tried again, in ms. */
const fullMs = 10;
/** A command that is longer is none, in UTF-16 units. */
const longestCommand = 10_000;

export interface PipeOptions {
  fd: number;
  onCommand(command: SuitePipeCommand): void;
  /** The worker does not listen any more. */
  onGone(): void;
}

/**
 * A socket to the worker. Texts are written at once and as a whole, one after the other, so that it is known at any time what is
 * not written yet. Never throws, and never keeps the process alive.
 */
export class Pipe {
  readonly #options: PipeOptions;
  readonly #socket: Socket;
  readonly #alarm = new Alarm();
  /** What is not written of the last text. */
  #rest: Buffer = Buffer.alloc(0);
  #isClosed = false;
  /** Epoch ms. */
  lastProgressAt = Date.now();

  constructor(options: PipeOptions) {
    this.#options = options;
    // Sets the socket to non-blocking. Node gives it to no child process.
    this.#socket = new Socket({ fd: options.fd, readable: true, writable: true });
    this.#socket.unref();
    this.#read();
  }

  /** True if nothing can be written any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves when all is written, or nothing can be. One call at a time. */
  async write(text: string): Promise<void> {
    this.#rest = Buffer.from(text);
    while (!this.#writeSome()) await this.#alarm.wait(fullMs);
  }

  /** The same, and the process waits: what is not written yet, and then this. */
  writeNow(text: string, timeoutMs: number): void {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(text)]);
    const endsAt = Date.now() + timeoutMs;
    const sleep = new Int32Array(new SharedArrayBuffer(4));
    while (!this.#writeSome() && Date.now() < endsAt) Atomics.wait(sleep, 0, 0, fullMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
    this.#alarm.ring();
  }

  /** False if the pipe is full. */
  #writeSome(): boolean {
    try {
      while (this.#rest.length > 0 && !this.#isClosed) {
        this.#rest = this.#rest.subarray(writeSync(this.#options.fd, this.#rest));
        this.lastProgressAt = Date.now();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      this.#lose();
    }
    return true;
  }

  #read(): void {
    const decoder = new StringDecoder();
    let text = '';
    this.#socket.on('data', (chunk) => {
      const lines = (text + decoder.write(chunk)).split('\n');
      text = lines.pop()!.slice(0, longestCommand);
      for (const line of lines) this.#take(line);
    });
    this.#socket.on('error', () => this.#lose());
    this.#socket.on('end', () => this.#lose());
  }

  #take(line: string): void {
    try {
      const command = JSON.parse(line) as SuitePipeCommand;
      if (command.type === 'cancel') this.#options.onCommand(command);
    } catch {
      // Not a command.
    }
  }

  #lose(): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onGone();
  }
}
