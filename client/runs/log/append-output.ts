import type { LogEdit, LogLine } from '#client/ui/log/log-lines.ts';
import type { RunEvent } from '#shared/events.ts';
import { mayMoveCursor, type OpenScreen, type Screen } from './screen.ts';

type Output = Extract<RunEvent, { type: 'log' }>;

/** The screens of sources that move the cursor. They change with the log and belong to its state after event `seq`. */
export interface Screens {
  seq: number;
  bySource: Map<string, Screen>;
}

export const noScreens = (): Screens => ({ seq: -1, bySource: new Map() });

/** Screens kept at once; a screen that is closed begins again with the lines it has drawn. */
const mostScreens = 8;
/** How many lines of a source a new screen shows, in how many characters, and how far up they are looked for. */
const seed = { lines: 99, characters: 50_000, within: 2_000 };

type Source = Pick<LogLine, 'stream' | 'position' | 'caseIndex' | 'attempt'>;

const keyOf = ({ stream, position, caseIndex, attempt }: Source) =>
  `${stream}:${position ?? ''}:${caseIndex ?? ''}:${attempt ?? ''}`;
const sourceOf = ({ stream, position, caseIndex, attempt }: Output): Source => ({
  stream,
  ...(position != null && { position }),
  ...(caseIndex != null && { caseIndex }),
  ...(attempt != null && { attempt }),
});

/**
 * Adds output as lines. It comes in arbitrary pieces, so text can continue the last line. Output that moves the cursor is
 * drawn on a screen of its source, if there is `openScreen`.
 */
export function appendOutput(lines: LogEdit, known: Screens, seq: number, openScreen?: OpenScreen) {
  // The log may have been appended to from an older state.
  const screens = known.seq === seq ? known : noScreens();
  const { bySource } = screens;
  let written: Screen | undefined;

  const draw = () => {
    written?.draw(lines);
    written = undefined;
  };
  const screenOf = (line: LogLine): Screen | undefined => {
    const key = keyOf(line);
    let screen = bySource.get(key);
    if (!screen && openScreen && mayMoveCursor(line.text)) {
      const { text: _, ...source } = line;
      screen = openScreen(source, lastLines(lines, line));
      closeOldest(bySource);
    }
    if (!screen) return undefined;
    // The one used last comes last.
    bySource.delete(key);
    bySource.set(key, screen);
    return screen;
  };

  return {
    add(event: Output) {
      const line: LogLine = { text: event.text, ...sourceOf(event), seq: event.seq, at: event.at };
      if (written !== bySource.get(keyOf(line))) draw();
      const screen = screenOf(line);
      if (screen) screen.write(event.text);
      else addLines(lines, line);
      written = screen;
    },
    /** `seq`: of the last event. */
    done(seq: number): Screens {
      draw();
      screens.seq = seq;
      return screens;
    },
  };
}

function closeOldest(bySource: Map<string, Screen>): void {
  const [oldest] = bySource;
  if (!oldest || bySource.size < mostScreens) return;
  oldest[1].close();
  bySource.delete(oldest[0]);
}

/** Adds text of any number of lines. */
function addLines(lines: LogEdit, { text, ...source }: LogLine): void {
  const pieces = text.replaceAll('\r\n', '\n').split('\n');
  for (const [index, piece] of pieces.entries()) {
    const isOpen = index === pieces.length - 1;
    if (isOpen && piece === '') return;
    const last = lines.last();
    const isContinued = index === 0 && last?.open && keyOf(last) === keyOf(source);
    const line = {
      ...(isContinued ? placeOf(last) : source),
      ...(index > 0 && { part: index }),
      text: overwritten(isContinued ? last.text + piece : piece),
      ...(isOpen && { open: true as const }),
    };
    if (isContinued) lines.replaceLast(line);
    else lines.push(line);
  }
}

/** A line that is continued keeps the address and the time of its beginning. */
const placeOf = ({ text: _, open: __, ...place }: LogLine): Omit<LogLine, 'text' | 'open'> => place;

/** What is left of a line with carriage returns without a screen. A return at the end takes effect once more text follows. */
function overwritten(text: string): string {
  return text.slice(text.lastIndexOf('\r', text.length - 2) + 1);
}

/** The last lines of the line's source. */
function lastLines(lines: LogEdit, source: Source): { index: number; line: LogLine }[] {
  const found: { index: number; line: LogLine }[] = [];
  let characters = 0;
  const first = Math.max(0, lines.total() - seed.within);
  for (let index = lines.total() - 1; index >= first && found.length < seed.lines; index -= 1) {
    const line = lines.at(index);
    if (!line) break;
    if (keyOf(line) !== keyOf(source)) continue;
    characters += line.text.length;
    if (characters > seed.characters) break;
    found.unshift({ index, line });
  }
  return found;
}
