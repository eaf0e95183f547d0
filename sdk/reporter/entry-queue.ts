import { closeSync, ftruncateSync, mkdtempSync, openSync, read, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

interface QueueOptions {
  /** UTF-16 units that are kept in memory. */
  memoryChars?: number;
  /** Bytes that are kept in a file. */
  fileBytes?: number;
}

/** Written and read at once. */
const chunkBytes = 256 * 1024;

/**
 * Lines in order, each once: the first ones in memory, and what is too much for that in a temporary file. `close` removes
 * the file.
 */
export class EntryQueue {
  readonly #memoryChars: number;
  readonly #fileBytes: number;
  /** The first lines, from `#start`. */
  #lines: string[] = [];
  #start = 0;
  #chars = 0;
  #file: SpillFile | undefined;

  constructor({ memoryChars = 4_000_000, fileBytes = 1_000_000_000 }: QueueOptions = {}) {
    this.#memoryChars = memoryChars;
    this.#fileBytes = fileBytes;
  }

  get length(): number {
    return this.#lines.length - this.#start + (this.#file?.lines ?? 0);
  }

  /** False if there is no room for the line. */
  push(line: string): boolean {
    if (!this.#file?.lines && this.#chars + line.length <= this.#memoryChars) {
      this.#lines.push(line);
      this.#chars += line.length;
      return true;
    }
    try {
      this.#file ??= new SpillFile();
      if (this.#file.bytes + line.length > this.#fileBytes) return false;
      this.#file.append(line);
      return true;
    } catch {
      // The disk is full, or there is no temporary folder.
      return false;
    }
  }

  /** The first lines: at least one if there is any, and at most as many as fit. They stay until they are dropped. */
  async peek(mostLines: number, mostChars: number): Promise<string[]> {
    if (this.#start === this.#lines.length && this.#file?.lines) {
      this.#lines = await this.#file.next();
      this.#start = 0;
      this.#chars = this.#lines.reduce((sum, { length }) => sum + length, 0);
    }
    return this.inMemory(mostLines, mostChars);
  }

  /** The same of those that are in memory. */
  inMemory(mostLines: number, mostChars: number): string[] {
    let end = this.#start;
    for (let chars = 0; end < this.#lines.length && end - this.#start < mostLines; end += 1) {
      chars += this.#lines[end]!.length + 1;
      if (chars > mostChars && end > this.#start) break;
    }
    return this.#lines.slice(this.#start, end);
  }

  /** Of those that `peek` has answered. */
  drop(count: number): void {
    const end = Math.min(this.#start + count, this.#lines.length);
    for (; this.#start < end; this.#start += 1) this.#chars -= this.#lines[this.#start]!.length;
    if (this.#start < 1_000 && this.#start < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#start);
    this.#start = 0;
  }

  /** Puts another line in the place of the first one. */
  replaceFirst(line: string): void {
    this.#chars += line.length - this.#lines[this.#start]!.length;
    this.#lines[this.#start] = line;
  }

  close(): void {
    this.#lines = [];
    this.#start = 0;
    this.#file?.close();
    this.#file = undefined;
  }
}

/** Lines in a file that only this user can read. */
class SpillFile {
  readonly #dir = mkdtempSync(path.join(os.tmpdir(), 'runlight-reporter-'));
  readonly #fd = openSync(path.join(this.#dir, 'entries'), 'wx+', 0o600);
  #written = 0;
  #read = 0;
  /** Not yet in the file. */
  #pending = '';
  /** The beginning of a line; the rest is still in the file. */
  #rest: Buffer = Buffer.alloc(0);
  lines = 0;

  get bytes(): number {
    return this.#written + this.#pending.length;
  }

  /** Takes the line, or throws. */
  append(line: string): void {
    if (this.#pending.length >= chunkBytes) this.#flush();
    this.#pending += `${line}\n`;
    this.lines += 1;
  }

  /** The next lines, at least one. */
  async next(): Promise<string[]> {
    this.#flush();
    for (;;) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, this.#written - this.#read));
      const bytes = await new Promise<number>((resolve, reject) =>
        read(this.#fd, buffer, 0, buffer.length, this.#read, (error, count) =>
          error ? reject(error) : resolve(count),
        ),
      );
      if (bytes === 0) throw new Error('the file with what is not yet delivered has been cut');
      this.#read += bytes;
      const all = Buffer.concat([this.#rest, buffer.subarray(0, bytes)]);
      const end = all.lastIndexOf(10);
      if (end === -1) {
        this.#rest = all;
        continue;
      }
      this.#rest = all.subarray(end + 1);
      const lines = all.toString('utf8', 0, end).split('\n');
      this.lines -= lines.length;
      if (this.#read === this.#written) this.#reset();
      return lines;
    }
  }

  close(): void {
    try {
      closeSync(this.#fd);
      rmSync(this.#dir, { recursive: true, force: true });
    } catch {
      // It is in the system's temporary folder.
    }
  }

  #flush(): void {
    if (this.#pending === '') return;
    const bytes = Buffer.from(this.#pending);
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#written + done);
    this.#written += bytes.length;
    this.#pending = '';
  }

  /** All that was written has been read. */
  #reset(): void {
    ftruncateSync(this.#fd, 0);
    this.#written = 0;
    this.#read = 0;
  }
}
