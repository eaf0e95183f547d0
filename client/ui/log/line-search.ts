import { stripAnsi } from '#client/ui/ansi.ts';
import { linesFrom, type LogLines } from './log-lines.ts';

/**
 * A search for a text in lines, in any letter case, that returns the indexes of matches. A repeated search reads only the
 * lines that are new since the last one.
 */
export function createLineSearch() {
  let known: { text: string; lines: LogLines; found: number[] } | undefined;
  return (lines: LogLines, text: string): readonly number[] => {
    if (text === '') return [];
    if (known?.text === text && known.lines === lines) return known.found;
    const isContinued = known?.text === text && known.lines.total <= lines.total && known.lines.total > 0;
    // The last line can have changed.
    const from = isContinued ? known!.lines.total - 1 : 0;
    const found = isContinued ? known!.found.filter((index) => index < from && index >= lines.dropped) : [];
    const wanted = text.toLowerCase();
    for (const [index, line] of linesFrom(lines, from))
      if (stripAnsi(line.text).toLowerCase().includes(wanted)) found.push(index);
    known = { text, lines, found };
    return found;
  };
}
