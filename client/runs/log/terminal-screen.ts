import { Terminal, type IBufferCell } from '@xterm/headless';
import type { LogEdit } from '#client/ui/log/log-lines.ts';
import type { OpenScreen } from './screen.ts';

/** Wider than what programs draw. Longer lines wrap, and are shown as one. */
const columns = 1_024;
/** How far up the cursor moves. */
const rows = 100;
/** Limits what one write adds, so that the terminal drops no row before it is drawn. */
const longestWrite = 64_000;
const mostLineEnds = 200;
const scrollback = 600;
/** Repetitions that a sequence may ask for. xterm carries out any number, which takes hours. */
const mostRepetitions = 1_000;

/** A screen that xterm emulates. Load this file lazily, since xterm is large. */
export const openTerminalScreen: OpenScreen = (source, shown) => {
  const terminal = new Terminal({ cols: columns, rows, scrollback, convertEol: true, allowProposedApi: true });
  const buffer = terminal.buffer.active;
  const links = createLinks(terminal);
  let trimming = false;
  leaveOut(terminal, () => trimming);

  /** By row: the index of its line in the log, and its text there. Rows that continue a wrapped line have none. */
  let lineOf: (number | undefined)[] = [];
  let textOf: (string | undefined)[] = [];
  /** The beginning of the line that continues in row 0: the text of rows that are no longer held. */
  let head = '';
  let pending = '';

  const cursorRow = () => buffer.baseY + buffer.cursorY;
  const isWrapped = (row: number) => buffer.getLine(row)?.isWrapped === true;
  const write = (text: string) => {
    // After input, the terminal processes the next write at once.
    terminal.input('');
    terminal.write(text);
  };
  const textFrom = (row: number, end = buffer.length): string => {
    let text = row === 0 ? head : '';
    do text += rowText(terminal, row, links.inRow(row), isWrapped(row + 1));
    while ((row += 1) < end && isWrapped(row));
    return text;
  };
  const isStart = (row: number) => row === 0 || !isWrapped(row);

  function update(lines: LogEdit): void {
    links.update();
    let end = buffer.length;
    while (end > cursorRow() && buffer.getLine(end - 1)?.translateToString(true) === '') end -= 1;
    for (let row = 0; row < end; row += 1) {
      if (!isStart(row)) continue;
      const text = textFrom(row);
      const index = lineOf[row];
      if (index === undefined) {
        lines.push({ ...source, text });
        lineOf[row] = lines.total() - 1;
      } else if (text !== textOf[row]) lines.replace(index, { ...source, text });
      textOf[row] = text;
    }
    // Lines that were erased go if they are the last ones.
    for (let row = lineOf.length - 1; row >= 0; row -= 1) {
      const index = lineOf[row];
      if (index === undefined || (row < end && isStart(row))) continue;
      if (index === lines.total() - 1) {
        lines.pop();
        lineOf[row] = undefined;
      } else if (textOf[row] !== '') lines.replace(index, { ...source, text: '' });
      textOf[row] = '';
    }
    forgetScrolledRows();
  }

  function forgetScrolledRows(): void {
    const gone = buffer.baseY;
    if (gone === 0) return;
    let start = gone;
    while (start > 0 && isWrapped(start)) start -= 1;
    const continued = start < gone ? { text: textFrom(start, gone), index: lineOf[start] } : undefined;
    const shownText = textOf[start];
    trimming = true;
    write('\x1b[3J');
    trimming = false;
    links.shift(gone);
    lineOf = lineOf.slice(gone);
    textOf = textOf.slice(gone);
    head = continued?.text ?? '';
    if (!continued) return;
    lineOf[0] = continued.index;
    textOf[0] = shownText;
  }

  for (const [position, { line }] of shown.entries())
    // CAN ends a sequence that the line leaves open.
    write(`\x1b[0m${line.text}${line.open && position === shown.length - 1 ? '' : '\x18\n'}`);
  const indexes = shown.map(({ index }) => index);
  links.update();
  for (let row = 0; row < buffer.length && indexes.length > 0; row += 1) {
    if (!isStart(row)) continue;
    lineOf[row] = indexes.shift();
    textOf[row] = textFrom(row);
  }

  return {
    write: (text) => void (pending += text),
    draw(lines) {
      const row = cursorRow();
      const hasBeenLeft = buffer.cursorX > 0 && lineOf[row] !== lines.total() - 1 && lineOf[row] !== undefined;
      // Other output came between: text does not continue the line, but moves of the cursor do.
      // oxlint-disable-next-line no-control-regex
      if (hasBeenLeft && /^[^\x00-\x1f\x7f]/.test(pending)) pending = `\n${pending}`;
      for (const portion of portionsOf(pending)) {
        write(portion);
        update(lines);
      }
      pending = '';
    },
    close: () => terminal.dispose(),
  };
};

/** Leaves out sequences that a log cannot follow: other screens, resets, and repetitions without end. */
function leaveOut({ parser }: Terminal, trimming: () => boolean): void {
  const otherScreens = new Set<number | number[]>([3, 47, 1047, 1049]);
  for (const final of ['h', 'l'])
    parser.registerCsiHandler({ prefix: '?', final }, (params) => params.some((param) => otherScreens.has(param)));
  parser.registerCsiHandler({ final: 'J' }, ([what]) => what === 3 && !trimming());
  for (const final of ['S', 'T', 'L', 'M', 'b', 'I', 'Z'])
    parser.registerCsiHandler({ final }, ([times]) => Number(times) > mostRepetitions);
  parser.registerEscHandler({ final: 'c' }, () => true);
  parser.registerEscHandler({ intermediates: '#', final: '8' }, () => true);
}

function* portionsOf(text: string): Generator<string> {
  let start = 0;
  let lineEnds = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\n') lineEnds += 1;
    if (lineEnds < mostLineEnds && at - start < longestWrite) continue;
    yield text.slice(start, at + 1);
    start = at + 1;
    lineEnds = 0;
  }
  if (start < text.length) yield text.slice(start);
}

interface Link {
  row: number;
  from: number;
  to: number;
  url: string;
  /** What the row has there; other text ends the link. */
  text: string;
}

/** The terminal links (OSC 8) in a terminal. Its interface does not have them. */
function createLinks(terminal: Terminal) {
  const buffer = terminal.buffer.active;
  let links: Link[] = [];
  let open: { row: number; column: number; url: string } | undefined;
  const cursor = () => ({ row: buffer.baseY + buffer.cursorY, column: buffer.cursorX });
  const textAt = ({ row, from, to }: Omit<Link, 'url' | 'text'>) =>
    buffer.getLine(row)?.translateToString(false, from, to) ?? '';
  const end = () => {
    if (!open) return;
    const { row: lastRow, column } = cursor();
    for (let row = open.row; row <= lastRow; row += 1) {
      const range = { row, from: row === open.row ? open.column : 0, to: row === lastRow ? column : columns };
      if (range.from < range.to) links.push({ ...range, url: open.url, text: textAt(range) });
    }
    open = { ...open, row: lastRow, column };
  };
  terminal.parser.registerOscHandler(8, (data) => {
    end();
    const url = data.slice(data.indexOf(';') + 1);
    open = url === '' ? undefined : { ...cursor(), url };
    return true;
  });
  return {
    /** To be called before rows are read. */
    update() {
      end();
      const last = new Map(links.map((link) => [`${link.row} ${link.from} ${link.to}`, link]));
      links = [...last.values()].filter((link) => textAt(link) === link.text);
    },
    inRow: (row: number) => links.filter((link) => link.row === row),
    shift(rows: number) {
      links = links.map((link) => ({ ...link, row: link.row - rows })).filter(({ row }) => row >= 0);
      if (open) open.row -= rows;
    },
  };
}

/** The text of a row with its colours, styles and links as sequences. `full`: it goes on in the next row. */
function rowText(terminal: Terminal, row: number, links: readonly Link[], full: boolean): string {
  const line = terminal.buffer.active.getLine(row);
  if (!line) return '';
  let text = '';
  let blanks = '';
  let style = '';
  let url = '';
  const cell = terminal.buffer.active.getNullCell();
  const end = full ? line.length : line.translateToString(true).length * 2;
  for (let column = 0; column < Math.min(end, line.length); column += 1) {
    line.getCell(column, cell);
    if (cell.getWidth() === 0) continue;
    const link = links.findLast(({ from, to }) => from <= column && column < to)?.url ?? '';
    const itsStyle = styleOf(cell);
    const characters = cell.getChars() || ' ';
    // Blanks at the end of a line do not count.
    if (characters === ' ' && link === url && itsStyle === style && !full) {
      blanks += ' ';
      continue;
    }
    text += blanks;
    blanks = '';
    if (link !== url) text += `\x1b]8;;${(url = link)}\x07`;
    if (itsStyle !== style) text += `\x1b[0${(style = itsStyle)}m`;
    text += characters;
  }
  if (url !== '') text += '\x1b]8;;\x07';
  return style === '' ? (full ? text : text.trimEnd()) : `${text}\x1b[0m`;
}

/** The cell's style as arguments of a colour sequence. */
function styleOf(cell: IBufferCell): string {
  let codes = '';
  if (cell.isBold()) codes += ';1';
  if (cell.isDim()) codes += ';2';
  if (cell.isItalic()) codes += ';3';
  if (cell.isUnderline()) codes += ';4';
  const color = cell.getFgColor();
  if (cell.isFgPalette()) codes += color < 8 ? `;${30 + color}` : color < 16 ? `;${82 + color}` : `;38;5;${color}`;
  else if (cell.isFgRGB()) codes += `;38;2;${color >> 16};${(color >> 8) & 255};${color & 255}`;
  return codes;
}
