import { StringDecoder } from 'node:string_decoder';
import type { RunEventBody } from '#shared/events.ts';
import type { Place } from './known-case.ts';

type Stream = 'stdout' | 'stderr';

const flushAfterMs = 80;
/** Of one log event, in UTF-16 units. */
const longestLogChars = 16_000;

export interface OutputOptions {
  /** Output beyond this is left out. */
  shownOutputBytes: number;
  /** Output beyond this calls `onFlood`, once. */
  outputBytes: number;
  onLog: (event: Extract<RunEventBody, { type: 'log' }>) => void;
  onFlood: () => void;
}

/** Sends output as log events, at most every 80 ms, and leaves out what exceeds `shownOutputBytes`. */
export class Output {
  readonly #options: OutputOptions;
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #pending: { stream: Stream; place: Place | undefined; text: string } | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #bytes = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Output of an attempt, or of Playwright where there is no place. */
  write(stream: Stream, chunk: string | Buffer, place: Place | undefined): void {
    const { shownOutputBytes, outputBytes, onFlood } = this.#options;
    const before = this.#bytes;
    const all = Buffer.from(chunk);
    this.#bytes += all.length;
    if (before <= outputBytes && this.#bytes > outputBytes) onFlood();
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
      this.#options.onLog({ type: 'log', stream, text: text.slice(start, end), ...place });
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
