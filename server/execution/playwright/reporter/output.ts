import { StringDecoder } from 'node:string_decoder';
import type { ReporterOptions, Send } from './messages.ts';

type Stream = 'stdout' | 'stderr';

const flushAfterMs = 80;
/** Of one log event, in UTF-16 units. */
const longestLogChars = 16_000;

/** Sends output as log events, at most every 80 ms, and leaves out what exceeds `shownOutputBytes`. */
export class Output {
  readonly #limits: Pick<ReporterOptions, 'shownOutputBytes' | 'outputBytes'>;
  readonly #send: Send;
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #pending: { stream: Stream; position: number | undefined; text: string } | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #bytes = 0;

  constructor(limits: Pick<ReporterOptions, 'shownOutputBytes' | 'outputBytes'>, send: Send) {
    this.#limits = limits;
    this.#send = send;
  }

  /** Output of a script, or of Playwright where there is no position. */
  write(stream: Stream, chunk: string | Buffer, position: number | undefined): void {
    const { shownOutputBytes, outputBytes } = this.#limits;
    const before = this.#bytes;
    const all = Buffer.from(chunk);
    this.#bytes += all.length;
    if (before <= outputBytes && this.#bytes > outputBytes) this.#send({ kind: 'flood' });
    if (before >= shownOutputBytes) return;
    const shown = all.subarray(0, shownOutputBytes - before);
    this.#add(stream, this.#decoders[stream].write(shown), position);
    if (this.#bytes >= shownOutputBytes) this.say(`\nOutput beyond ${shownOutputBytes} bytes is left out.\n`, position);
  }

  /** A line of Runlight itself. */
  say(text: string, position: number | undefined): void {
    this.#add('stderr', text, position);
  }

  /** Sends what is pending, so that it comes before the message that follows. */
  flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    const { stream, position } = pending;
    for (let start = 0; start < pending.text.length;) {
      let end = Math.min(start + longestLogChars, pending.text.length);
      if (end < pending.text.length && isHighSurrogate(pending.text.charCodeAt(end - 1))) end -= 1;
      this.#send({ kind: 'event', event: { type: 'log', stream, text: pending.text.slice(start, end), position } });
      start = end;
    }
  }

  #add(stream: Stream, text: string, position: number | undefined): void {
    const pending = this.#pending;
    if (pending && pending.stream === stream && pending.position === position) pending.text += text;
    else {
      this.flush();
      this.#pending = { stream, position, text };
    }
    if (this.#pending!.text.length >= longestLogChars) this.flush();
    else this.#flushTimer ??= setTimeout(() => this.flush(), flushAfterMs);
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
