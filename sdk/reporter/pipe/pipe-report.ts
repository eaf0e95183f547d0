import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ReportEntry } from '#shared/reports.ts';
import { reportLimits } from '#shared/report-limits.ts';
import type { SuitePipeMessage } from '#shared/suite-pipe.ts';
import { suitePipeBatchMs, suitePipeLimits } from '#shared/suite-pipe-limits.ts';
import { Alarm, keepAlive } from '#sdk/reporter/clock.ts';
import { EntryQueue } from '#sdk/reporter/entry-queue.ts';
import { type Ending, endedEarly, mostOfDetail, type ReportFile, type ReportSink } from '#sdk/reporter/report-sink.ts';
import { undeliveredInWords } from '#sdk/reporter/words.ts';
import { Pipe, type PipeOptions } from './pipe.ts';

/** Of the entries of one message, in UTF-16 units. */
const batchChars = 400_000;
/** At the end, a worker that takes nothing for this long is given up, in ms. */
const stalledMs = 60_000;
/** For the last words of a process that exits, in ms. */
const exitMs = 5_000;

interface PipeReportOptions extends PipeOptions {
  /** The folder for contents that are in no file. */
  filesDir: string;
  /** Adds what still waits, before the process exits. */
  flush(): void;
}

/**
 * The report of a suite that its worker runs: what comes first, goes first. What the worker does not read yet is kept as by
 * `EntryQueue`. Nothing that it does throws.
 */
export class PipeReport implements ReportSink {
  readonly #pipe: Pipe;
  readonly #filesDir: string;
  readonly #flush: () => void;
  /** Entries, and other messages behind a `!`. */
  readonly #queue = new EntryQueue();
  readonly #gone: string[] = [];
  readonly #alarm = new Alarm();
  /** Lines of the queue that are being written. */
  #sending = 0;
  #added = 0;
  #left = 0;
  #files = 0;
  #isEnding = false;
  #pumping: Promise<void> | undefined;
  readonly #onExit = () => this.#lastWords();
  readonly #onTerminate = () => {
    this.#lastWords();
    // Without this listener, the signal would have ended the process.
    if (globalThis.process.listenerCount('SIGTERM') === 0) globalThis.process.kill(globalThis.process.pid, 'SIGTERM');
  };

  constructor({ filesDir, flush, ...options }: PipeReportOptions) {
    this.#pipe = new Pipe(options);
    this.#filesDir = filesDir;
    this.#flush = flush;
    globalThis.process.once('exit', this.#onExit);
    globalThis.process.once('SIGTERM', this.#onTerminate);
  }

  add(entry: ReportEntry): void {
    const isDetail = entry.type === 'step' || entry.type === 'log';
    if (this.#added >= (isDetail ? mostOfDetail : reportLimits.entries)) this.#left += 1;
    else if (this.#push(JSON.stringify(entry))) this.#added += 1;
  }

  upload({ file, name, source, entry }: ReportFile): void {
    try {
      const found = typeof source === 'string' ? path.resolve(source) : this.#writeFile(source);
      if (!existsSync(found)) this.#gone.push(`${name} (the file is gone)`);
      else this.send({ type: 'file', file, path: found, name, entry: entry ?? null });
    } catch (error) {
      this.#gone.push(`${name} (${(error as Error).message})`);
    }
  }

  send(message: SuitePipeMessage): void {
    this.#push(`!${JSON.stringify(message)}`);
  }

  async end(status: Ending, report: string | null): Promise<void> {
    using _ = keepAlive();
    const stop = setInterval(() => {
      if (Date.now() - this.#pipe.lastProgressAt > stalledMs) this.#pipe.close();
    }, 1_000);
    try {
      this.#isEnding = true;
      this.#alarm.ring();
      await this.#pumping;
      await this.#pipe.write(lineOf({ type: 'end', status, undelivered: this.#undelivered(), report }));
    } finally {
      clearInterval(stop);
      this.#close();
    }
  }

  #push(line: string): boolean {
    if (this.#pipe.isClosed) return false;
    const isTaken = this.#queue.push(line);
    if (!isTaken) this.#left += 1;
    this.#pumping ??= this.#pump();
    return isTaken;
  }

  async #pump(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#pipe.isClosed) {
        const isFull = this.#queue.length >= suitePipeLimits.entriesPerMessage;
        if (!isFull && !this.#isEnding) await this.#alarm.wait(suitePipeBatchMs);
        const { text, lines } = messageOf(await this.#queue.peek(suitePipeLimits.entriesPerMessage, batchChars));
        this.#sending = lines;
        await this.#pipe.write(text);
        this.#sending = 0;
        this.#queue.drop(lines);
      }
    } catch {
      // The temporary file of the queue cannot be read.
      this.#left += this.#queue.length;
      this.#queue.close();
    }
    this.#pumping = undefined;
  }

  /** The process ends without an end of the tests. */
  #lastWords(): void {
    this.#flush();
    this.#queue.drop(this.#sending);
    let text = '';
    for (let more = this.#inMemory(); more.length > 0; more = this.#inMemory()) {
      const message = messageOf(more);
      text += message.text;
      this.#queue.drop(message.lines);
    }
    this.#left += this.#queue.length;
    const undelivered = [endedEarly, this.#undelivered()].filter(Boolean).join(' ');
    this.#pipe.writeNow(text + lineOf({ type: 'end', status: 'interrupted', undelivered, report: null }), exitMs);
    this.#close();
  }

  #inMemory(): string[] {
    return this.#queue.inMemory(suitePipeLimits.entriesPerMessage, batchChars);
  }

  #close(): void {
    globalThis.process.off('exit', this.#onExit);
    globalThis.process.off('SIGTERM', this.#onTerminate);
    this.#pipe.close();
    this.#queue.close();
  }

  #writeFile(content: Buffer): string {
    this.#files += 1;
    mkdirSync(this.#filesDir, { recursive: true });
    const file = path.join(this.#filesDir, String(this.#files));
    writeFileSync(file, content);
    return file;
  }

  #undelivered(): string | null {
    return undeliveredInWords(this.#left, this.#gone) ?? null;
  }
}

/** The first message of these lines, and how many of them it has. */
function messageOf(lines: readonly string[]): { text: string; lines: number } {
  const [first = ''] = lines;
  if (first.startsWith('!')) return { text: `${first.slice(1)}\n`, lines: 1 };
  const end = lines.findIndex((line) => line.startsWith('!'));
  const entries = end === -1 ? lines : lines.slice(0, end);
  return { text: `{"type":"entries","entries":[${entries.join(',')}]}\n`, lines: entries.length };
}

function lineOf(message: SuitePipeMessage): string {
  return `${JSON.stringify(message)}\n`;
}
