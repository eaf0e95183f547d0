import { type LogLines, linesFrom, type LogLine } from './log-lines.ts';

/** Consecutive lines of one group. */
export interface LogGroup {
  /** Unique among the groups of a log. */
  id: string;
  /** What `keyOf` said of its lines. */
  key: string;
  /** Its first line, for what the heading says. */
  first: LogLine;
  count: number;
  /** Index of its first line. */
  from: number;
  /** Row of its heading. */
  row: number;
  folded: boolean;
}

/** What a log shows from top to bottom: a line by its index (0 and up), or the heading of `groups[-row - 1]`. */
export interface LogRows {
  rows: readonly number[];
  groups: readonly LogGroup[];
}

/**
 * Lines under headings, one for each change of the group; lines of folded groups are left out. Undefined if there is one group
 * alone, which needs no heading.
 */
export function groupLines(
  lines: LogLines,
  keyOf: (line: LogLine) => string,
  folded: ReadonlySet<string>,
): LogRows | undefined {
  const groups: LogGroup[] = [];
  const rows: number[] = [];
  for (const [index, line] of linesFrom(lines)) {
    const key = keyOf(line);
    let group = groups.at(-1);
    if (group?.key !== key) {
      // By its entry, since lines before it can come later.
      const id = `${key}@${line.seq ?? index}`;
      group = { id, key, first: line, count: 0, from: index, row: rows.length, folded: folded.has(id) };
      groups.push(group);
      rows.push(-groups.length);
    }
    group.count += 1;
    if (!group.folded) rows.push(index);
  }
  return groups.length > 1 ? { rows, groups } : undefined;
}

/** The row of a line, or of the heading under which it is folded. */
export function rowOfLine({ groups }: LogRows, line: number): number {
  const group = groups.findLast(({ from }) => from <= line);
  if (!group) return 0;
  return group.folded ? group.row : group.row + 1 + line - group.from;
}
