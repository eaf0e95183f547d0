export interface LogLine {
  text: string;
  stream: 'stdout' | 'stderr';
}

/** Lines in chunks, all full but the last, so that adding to a hundred thousand of them copies few. Immutable. */
export interface LogLines {
  readonly chunks: readonly (readonly LogLine[])[];
  /** How many there have been; the numbers of the lines go up to this. */
  readonly total: number;
  /** How many of the first ones are no longer held. */
  readonly dropped: number;
}

const chunkSize = 1_000;
/** A page must not run out of memory because a script prints. */
const mostChunks = 300;

export const noLines: LogLines = { chunks: [], total: 0, dropped: 0 };

/** The line of this number, from 0; undefined when it is not held. */
export function lineAt({ chunks, dropped }: LogLines, index: number): LogLine | undefined {
  const place = index - dropped;
  return chunks[Math.floor(place / chunkSize)]?.[place % chunkSize];
}

/** Every line held that is not before `from`, with its number. */
export function* linesFrom(lines: LogLines, from = 0): Generator<[index: number, line: LogLine]> {
  for (let index = Math.max(from, lines.dropped); index < lines.total; index += 1) yield [index, lineAt(lines, index)!];
}

/** Takes changes to lines and makes new ones of them. */
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
