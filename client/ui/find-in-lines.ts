import { stripAnsi } from './ansi.ts';
import { linesFrom, type LogLines } from './log-lines.ts';

/**
 * Numbers of the lines that contain a text, in any letter case. Remembers what it has searched: of lines that were added
 * since, only those are read.
 */
export function createLineSearch() {
  let known: { text: string; lines: LogLines; found: number[] } | undefined;
  return (lines: LogLines, text: string): readonly number[] => {
    if (text === '') return [];
    if (known?.text === text && known.lines === lines) return known.found;
    const goesOn = known?.text === text && known.lines.total <= lines.total && known.lines.total > 0;
    // The last line may have gone on.
    const from = goesOn ? known!.lines.total - 1 : 0;
    const found = goesOn ? known!.found.filter((index) => index < from && index >= lines.dropped) : [];
    const wanted = text.toLowerCase();
    for (const [index, line] of linesFrom(lines, from))
      if (stripAnsi(line.text).toLowerCase().includes(wanted)) found.push(index);
    known = { text, lines, found };
    return found;
  };
}
