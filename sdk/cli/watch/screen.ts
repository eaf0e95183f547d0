import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import type { Host } from '#sdk/cli/process/host.ts';

/** What terminals that know it take as one change; the others ignore it. */
const beginUpdate = '\u001B[?2026h';
const endUpdate = '\u001B[?2026l';
const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';

/**
 * A part of the terminal, below all that was printed before, that is drawn anew. Each drawing is one write, and only what has
 * changed is sent.
 */
export class Screen {
  readonly #stdout: Host['stdout'];
  readonly #update: ReturnType<typeof createLogUpdate>;
  #written = '';
  #lines: readonly string[] = [];
  #columns: number;

  constructor(stdout: Host['stdout']) {
    this.#stdout = stdout;
    this.#columns = stdout.columns;
    const recorder = {
      get columns() {
        return stdout.columns;
      },
      get rows() {
        return stdout.rows;
      },
      write: (text: string) => {
        this.#written += text;
        return true;
      },
    };
    this.#update = createLogUpdate(recorder as unknown as NodeJS.WritableStream, { showCursor: true });
    stdout.write(hideCursor);
  }

  get columns(): number {
    return this.#stdout.columns;
  }

  get rows(): number {
    return this.#stdout.rows;
  }

  /** Draws these lines, and `above` them for good what is printed. Skipped while the terminal is behind. */
  draw(lines: readonly string[], above = ''): void {
    if (above === '' && this.#stdout.writableNeedDrain) return;
    if (this.#columns !== this.#stdout.columns) this.#eraseReflowed();
    if (above !== '') {
      this.#update.clear();
      this.#written += above;
    }
    this.#lines = lines;
    this.#columns = this.#stdout.columns;
    this.#update(lines.join('\n'));
    this.#send();
  }

  /** Draws everything anew, as after another program has had the terminal. */
  redraw(): void {
    this.#update.done();
    this.#stdout.write(hideCursor);
    this.draw(this.#lines);
  }

  /** Erases the lines, and shows the cursor. */
  close(): void {
    if (this.#columns !== this.#stdout.columns) this.#eraseReflowed();
    this.#update.clear();
    this.#send();
    this.#stdout.write(showCursor);
  }

  /** A terminal that was made narrower has broken lines in two, and has more rows to erase. */
  #eraseReflowed(): void {
    const { columns } = this.#stdout;
    const rows = this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
    this.#written += `\r${'\u001B[2K\u001B[1A'.repeat(rows)}\u001B[2K`;
    this.#update.done();
    this.#lines = [];
  }

  #send(): void {
    if (this.#written !== '') this.#stdout.write(beginUpdate + this.#written + endUpdate);
    this.#written = '';
  }
}
