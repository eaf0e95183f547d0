import type { LogEdit, LogLine } from '#client/ui/log/log-lines.ts';

/** Draws the output of one source (a stream of a test) as a terminal does. */
export interface Screen {
  /** Takes text in; `draw` shows it. */
  write: (text: string) => void;
  /** Changes the lines of the source, and adds and takes away lines at the end, so that they show what the terminal does. */
  draw: (lines: LogEdit) => void;
  close: () => void;
}

/** Opens a screen that shows these lines, by their indexes. */
export type OpenScreen = (source: Omit<LogLine, 'text'>, shown: readonly { index: number; line: LogLine }[]) => Screen;

// Every control character and sequence but colours, links, tabs and line ends.
// oxlint-disable-next-line no-control-regex
const moves = /\r(?!\n)|[\b\v\f]|\x1b(?!\[[\d;]*m|\]8;[^\x07\x1b]*(?:\x07|\x1b\\))/;

/** Whether the text may move the cursor, erase, or hold the beginning of a sequence that does. */
export const mayMoveCursor = (text: string): boolean => moves.test(text);
