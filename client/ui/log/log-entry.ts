import { type LogLine, linesFrom, type LogLines } from './log-lines.ts';

/** The address of a line in its log: `12`, or `12-3` for the fourth line of entry 12. Undefined: it has none. */
export function addressOfLine({ seq, part }: LogLine): string | undefined {
  if (seq === undefined) return undefined;
  return part === undefined ? String(seq) : `${seq}-${part}`;
}

/** The sequence number of the entry that an address names. */
export const entryOfAddress = (address: string): number => Number.parseInt(address, 10);

/** The index of the line with this address, else of the last line before it; -1 if it is not loaded. */
export function indexOfAddress(lines: LogLines, address: string): number {
  const [seq = 0, part = 0] = address.split('-').map(Number);
  let found = -1;
  for (const [index, line] of linesFrom(lines)) {
    if (line.seq === seq && (line.part ?? 0) === part) return index;
    if (line.seq !== undefined && (line.seq < seq || (line.seq === seq && (line.part ?? 0) < part))) found = index;
    // Lines that a terminal draws again are out of order, others are not.
    else if (found >= 0) break;
  }
  return found;
}
