import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { reportLimits } from '#shared/report-limits.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { excess, type Excess } from '#server/execution/sandbox/excess.ts';
import { RunnerOutput } from '#server/execution/playwright/runner-output.ts';
import { plainText, storableText } from '#server/lib/storable-text.ts';
import type { EntrySink } from './entry-sink.ts';

/** UTF-16 units. */
const longestEnd = 2_000;

/** What the programs of a suite print, as entries of its log. It is read no faster than it is stored. */
export class SuiteOutput {
  readonly #sink: EntrySink;
  readonly #limits: RunLimits;
  readonly #onExceeded: (excess: Excess) => void;
  #bytes = 0;
  #last = new RunnerOutput();

  constructor(sink: EntrySink, limits: RunLimits, onExceeded: (excess: Excess) => void) {
    this.#sink = sink;
    this.#limits = limits;
    this.#onExceeded = onExceeded;
  }

  /** Forgets what was printed before, of which `last` tells. */
  begin(): void {
    this.#last = new RunnerOutput();
  }

  /** The last 64,000 characters of what was printed, in plain text. */
  get last(): string {
    return plainText(this.#last.text, Infinity).trim();
  }

  /** The end of it, without such lines. */
  endWithout(lines: RegExp): string {
    return this.last.replaceAll(lines, '').trim().slice(-longestEnd);
  }

  /** Resolves when the stream has ended and is stored. */
  async follow(stream: Readable, name: 'stdout' | 'stderr'): Promise<void> {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      this.#bytes += chunk.length;
      if (this.#bytes > this.#limits.outputBytes) {
        this.#onExceeded(excess.output(this.#limits));
        // It is read to its end, so that programs can end.
        continue;
      }
      this.#last.add(chunk);
      const text = rest + decoder.write(chunk);
      // Secrets are found in whole lines.
      const end = text.length > reportLimits.text ? text.length : text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      await this.#log(name, text.slice(0, end));
    }
    await this.#log(name, rest + decoder.end());
  }

  async #log(stream: 'stdout' | 'stderr', text: string): Promise<void> {
    const parts = text.match(piece) ?? [];
    await this.#sink.add(parts.map((part) => ({ type: 'log', stream, text: storableText(part) })));
  }
}

/** Half of the longest, since hiding a secret can make a text longer. */
const piece = new RegExp(`[^]{1,${reportLimits.text / 2}}`, 'g');
