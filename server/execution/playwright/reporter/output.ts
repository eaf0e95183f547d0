import { StringDecoder } from 'node:string_decoder';
import type { Place, ReporterOptions, Send } from './messages.ts';

type Stream = 'stdout' | 'stderr';

const flushAfterMs = 80;
/** Of one log event, in UTF-16 units. */
const longestLogChars = 16_000;

/** Sends output as log events, at most every 80 ms, and leaves out what exceeds `shownOutputBytes`. */
export class Output {
  readonly #limits: Pick<ReporterOptions, 'shownOutputBytes' | 'outputBytes'>;
  readonly #send: Send;
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #pending: { stream: Stream; place: Place | undefined; text: string } | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #bytes = 0;

  constructor(limits: Pick<ReporterOptions, 'shownOutputBytes' | 'outputBytes'>, send: Send) {
    this.#limits = limits;
    this.#send = send;
  }

  /** Output of an attempt, or of Playwright where there is no place. */
  write(stream: Stream, chunk: string | Buffer, place: Place | undefined): void {
    const { shownOutputBytes, outputBytes } = this.#limits;
    const before = this.#bytes;
    const all = Buffer.from(chunk);
    this.#bytes += all.length;
    if (before <= outputBytes && this.#bytes > outputBytes) this.#send({ kind: 'flood' });
    if (before >= shownOutputBytes) return;
    const shown = all.subarray(0, shownOutputBytes - before);
    this.#add(stream, this.#decoders[stream].write(shown), place);
    if (this.#bytes >= shownOutputBytes) this.say(`\nOutput beyond ${shownOutputBytes} bytes is left out.\n`, place);
  }

  /** A line of Runlight itself. */
  say(text: string, place: Place | undefined): void {
    this.#add('stderr', text, place);
  }

  /** Sends what is pending, so that it comes before the message that follows. */
  flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    const { stream, place, text } = pending;
    for (let start = 0; start < text.length;) {
      let end = Math.min(start + longestLogChars, text.length);
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
      this.#send({ kind: 'event', event: { type: 'log', stream, text: text.slice(start, end), ...place } });
      start = end;
    }
  }

  #add(stream: Stream, text: string, place: Place | undefined): void {
    const pending = this.#pending;
    if (pending && pending.stream === stream && isSame(pending.place, place)) pending.text += text;
    else {
      this.flush();
      this.#pending = { stream, place, text };
    }
    if (this.#pending!.text.length >= longestLogChars) this.flush();
    else this.#flushTimer ??= setTimeout(() => this.flush(), flushAfterMs);
  }
}

function isSame(a: Place | undefined, b: Place | undefined): boolean {
  return a?.position === b?.position && a?.caseIndex === b?.caseIndex && a?.attempt === b?.attempt;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
