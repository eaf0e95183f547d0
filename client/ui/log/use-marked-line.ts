import { type KeyboardEvent, type RefObject, useEffect, useMemo } from 'react';
import { addressOfLine, indexOfAddress } from './log-entry.ts';
import { lineAt, type LogLine, type LogLines } from './log-lines.ts';

interface MarkedLine {
  lines: LogLines;
  /** The line that the address of the page names. */
  line: string | undefined;
  box: RefObject<HTMLElement | null>;
  /** Brings the line into view. */
  scrollTo: (index: number) => void;
  /** The rows of the log, as far as they are lines. */
  rows: {
    count: number;
    ofLine: (index: number) => number;
    lineOf: (row: number) => LogLine | undefined;
    top: () => number;
  };
  onLine: ((line: string) => void) | undefined;
}

/** The marked line of a log (its index, or -1), whether the log lacks it, and keys that mark another: Shift with the arrows. */
export function useMarkedLine({ lines, line, box, scrollTo, rows, onLine }: MarkedLine) {
  const index = useMemo(() => (line === undefined ? -1 : indexOfAddress(lines, line)), [lines, line]);
  useEffect(() => {
    if (index < 0) return;
    scrollTo(index);
    // The log itself may be below what the window shows.
    box.current?.scrollIntoView({ block: 'nearest' });
    // Once: later lines must not move the reader.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [line, index >= 0]);

  const found = index < 0 ? undefined : lineAt(lines, index);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!onLine || !event.shiftKey || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    event.preventDefault();
    const by = event.key === 'ArrowDown' ? 1 : -1;
    for (let row = index < 0 ? rows.top() : rows.ofLine(index) + by; row >= 0 && row < rows.count; row += by) {
      const next = rows.lineOf(row);
      const address = next && addressOfLine(next);
      if (address !== undefined) return onLine(address);
    }
  };
  return { index, isExact: found !== undefined && addressOfLine(found) === line, onKeyDown };
}
