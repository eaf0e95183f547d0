export interface LogLine {
  text: string;
  stream: 'stdout' | 'stderr';
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
  let copy: LogLine[][] | undefined;
  const copied = (): LogLine[][] => {
    copy ??= chunks.map((chunk, index) => (index === chunks.length - 1 ? [...chunk] : (chunk as LogLine[])));
    return copy;
  };
  return {
    last: () => (copy ?? chunks).at(-1)?.at(-1),
    push(line: LogLine) {
      const all = copied();
      let last = all.at(-1);
      if (!last || last.length === chunkSize) all.push((last = []));
      last.push(line);
      total += 1;
    },
    replaceLast(line: LogLine) {
      copied().at(-1)?.splice(-1, 1, line);
    },
    done(): LogLines {
      if (!copy) return { chunks, total, dropped };
      const excess = Math.max(0, copy.length - mostChunks);
      return { chunks: copy.slice(excess), total, dropped: dropped + excess * chunkSize };
    },
  };
}
