export interface LogLine {
  text: string;
  stream: 'stdout' | 'stderr';
  /** Which test of the run wrote it; none: the runner. */
  position?: number;
  /** Which case wrote it, in which attempt (from 0). */
  caseIndex?: number;
  attempt?: number;
  /** Sequence number of the entry of the log that began it, and which line of that entry it is; the first has none. */
  seq?: number;
  part?: number;
  /** When it was written (ISO). */
  at?: string;
  /** It has no end yet: text can continue it. */
  open?: true;
}

/** Immutable lines in chunks, all full but the last: adding a line to a hundred thousand copies one chunk. */
export interface LogLines {
  readonly chunks: readonly (readonly LogLine[])[];
  /** Count of all lines so far, with the dropped ones; the number of the last line. */
  readonly total: number;
  /** Count of the first lines that are no longer held. */
  readonly dropped: number;
}

const chunkSize = 1_000;
/** Limits the memory that a script's output takes in a page. */
const mostChunks = 300;

export const noLines: LogLines = { chunks: [], total: 0, dropped: 0 };

/** The line of this index, from 0; undefined when it is not held. */
export function lineAt({ chunks, dropped }: LogLines, index: number): LogLine | undefined {
  const offset = index - dropped;
  return chunks[Math.floor(offset / chunkSize)]?.[offset % chunkSize];
}

/** Every line from index `from` on that is held, with its index. */
export function* linesFrom(lines: LogLines, from = 0): Generator<[index: number, line: LogLine]> {
  for (let index = Math.max(from, lines.dropped); index < lines.total; index += 1) yield [index, lineAt(lines, index)!];
}

/** Collects changes to lines; `done` returns the new lines and leaves the old ones as they are. */
export function editLines({ chunks, total, dropped }: LogLines) {
  let copy: (readonly LogLine[])[] | undefined;
  /** Chunks that only this edit has. */
  const own = new Set<readonly LogLine[]>();
  const ownChunk = (index: number): LogLine[] => {
    copy ??= [...chunks];
    const chunk = copy[index] ?? [];
    if (own.has(chunk)) return chunk as LogLine[];
    const copied = [...chunk];
    own.add(copied);
    copy[index] = copied;
    return copied;
  };
  const edit = {
    total: () => total,
    at: (index: number) => lineAt({ chunks: copy ?? chunks, total, dropped }, index),
    last: () => edit.at(total - 1),
    push(line: LogLine) {
      ownChunk(Math.floor((total - dropped) / chunkSize)).push(line);
      total += 1;
    },
    /** Does nothing for a line that is no longer held. */
    replace(index: number, line: LogLine) {
      if (!edit.at(index)) return;
      ownChunk(Math.floor((index - dropped) / chunkSize))[(index - dropped) % chunkSize] = line;
    },
    replaceLast: (line: LogLine) => edit.replace(total - 1, line),
    /** Takes the last line away. */
    pop() {
      if (!edit.last()) return;
      const index = Math.floor((total - 1 - dropped) / chunkSize);
      const chunk = ownChunk(index);
      chunk.pop();
      if (chunk.length === 0) copy?.splice(index, 1);
      total -= 1;
    },
    done(): LogLines {
      if (!copy) return { chunks, total, dropped };
      const excess = Math.max(0, copy.length - mostChunks);
      return { chunks: copy.slice(excess), total, dropped: dropped + excess * chunkSize };
    },
  };
  return edit;
}

export type LogEdit = ReturnType<typeof editLines>;
