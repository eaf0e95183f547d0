import { stripAnsi } from '#client/ui/ansi.ts';
import type { LogLine, LogLines } from './log-lines.ts';
import { matchesIn } from './text-matches.ts';

export interface LogMatch {
  /** Index of the line. */
  line: number;
  /** Which match in the line, from 0. */
  nth: number;
}

export interface LogMatches {
  total: number;
  /** The match of this number, from 0. */
  at: (number: number) => LogMatch | undefined;
}

/** The matches in each line of a chunk. */
interface Counted {
  chunk: readonly LogLine[];
  counts: readonly number[];
  total: number;
}

/** A search for a text in lines, in any letter case. A repeated search reads only the lines that have changed. */
export function createLineSearch() {
  let known = '';
  /** By the index of a chunk's first line. */
  let counted = new Map<number, Counted>();
  return ({ chunks, dropped }: LogLines, text: string): LogMatches => {
    if (text !== known) counted = new Map();
    known = text;
    const now = new Map<number, Counted>();
    let start = dropped;
    let total = 0;
    for (const chunk of text === '' ? [] : chunks) {
      const current = count(chunk, text, counted.get(start));
      now.set(start, current);
      start += chunk.length;
      total += current.total;
    }
    counted = now;
    return { total, at: (number) => find(now, number) };
  };
}

function count(chunk: readonly LogLine[], text: string, before: Counted | undefined): Counted {
  if (before?.chunk === chunk) return before;
  const counts = chunk.map((line, index) =>
    line === before?.chunk[index] ? (before.counts[index] ?? 0) : matchesIn(stripAnsi(line.text), text).length,
  );
  return { chunk, counts, total: counts.reduce((sum, one) => sum + one, 0) };
}

function find(counted: ReadonlyMap<number, Counted>, number: number): LogMatch | undefined {
  let nth = number;
  if (nth < 0) return undefined;
  for (const [start, { counts, total }] of counted) {
    if (nth >= total) {
      nth -= total;
      continue;
    }
    for (const [index, inLine] of counts.entries()) {
      if (nth < inLine) return { line: start + index, nth };
      nth -= inLine;
    }
  }
  return undefined;
}
