/** Terminal text in one style. `color` is one of the eight terminal colours. */
export interface AnsiSpan {
  text: string;
  color: AnsiColor | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  /** Where a terminal link (OSC 8) leads. Not checked: it can be a script. */
  link: string | null;
}

const colors = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
export type AnsiColor = (typeof colors)[number];

const plain = { color: null, bold: false, dim: false, italic: false, underline: false };
type Style = Omit<AnsiSpan, 'text' | 'link'>;

// Colour sequences and links (captured), every other escape sequence (CSI, OSC, two-character) and stray control characters.
const sequence =
  // oxlint-disable-next-line no-control-regex
  /\x1b\[([\d;]*)m|\x1b\]8;[^;\x07\x1b]*;([^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b\[[\d;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?|[\x00-\x08\x0b-\x1f\x7f]/g;

/**
 * Parses terminal text into styled spans. Supports the colours, styles and links that test output uses. Drops every other
 * sequence, so that a script's output is only text.
 */
export function parseAnsi(text: string): AnsiSpan[] {
  const spans: AnsiSpan[] = [];
  let style: Style = plain;
  let link: string | null = null;
  let start = 0;
  const add = (end: number) => {
    if (end > start) spans.push({ text: text.slice(start, end), ...style, link });
  };
  for (const match of text.matchAll(sequence)) {
    add(match.index);
    start = match.index + match[0].length;
    if (match[1] !== undefined) style = applyCodes(style, match[1]);
    if (match[2] !== undefined) link = match[2] || null;
  }
  add(text.length);
  return spans;
}

/** Terminal text without its sequences. */
export function stripAnsi(text: string): string {
  return text.replace(sequence, '');
}

function applyCodes(style: Style, codes: string): Style {
  const queue = codes.split(';').map(Number);
  for (let code = queue.shift(); code !== undefined; code = queue.shift()) {
    if (code === 0) style = plain;
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 3) style = { ...style, italic: true };
    else if (code === 4) style = { ...style, underline: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 23) style = { ...style, italic: false };
    else if (code === 24) style = { ...style, underline: false };
    else if (code === 39) style = { ...style, color: null };
    else if (code >= 30 && code <= 37) style = { ...style, color: colors[code - 30] ?? null };
    else if (code === 90) style = { ...style, color: null, dim: true };
    else if (code >= 91 && code <= 97) style = { ...style, color: colors[code - 90] ?? null };
    else if (code === 38 || code === 48) {
      // 256 colours (5;n) and RGB (2;r;g;b): only the first sixteen have a colour in both themes.
      const mode = queue.shift();
      const value = mode === 5 ? queue.shift() : void queue.splice(0, 3);
      if (code === 38)
        style = { ...style, color: value !== undefined && value < 16 ? (colors[value % 8] ?? null) : null };
    }
  }
  return style;
}
