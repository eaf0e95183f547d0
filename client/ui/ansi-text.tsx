import { parseAnsi, type AnsiColor, type AnsiSpan } from './ansi.ts';

// Black and white are shown as plain text, since themes swap them.
const colorClass: Record<AnsiColor, string> = {
  black: '',
  white: '',
  red: 'text-bad',
  green: 'text-good',
  yellow: 'text-warn',
  blue: 'text-busy',
  magenta: 'text-ansi-magenta',
  cyan: 'text-ansi-cyan',
};

/** Terminal text in the theme's colours. */
export function AnsiText({ text }: { text: string }) {
  return parseAnsi(text).map((span, index) => (
    <span key={index} className={ansiClass(span) || undefined}>
      {span.text}
    </span>
  ));
}

/** The classes of a style. `onMark`: without its colour, for the ground of a mark. */
export function ansiClass(
  { color, dim, bold, italic, underline }: Omit<AnsiSpan, 'text' | 'link'>,
  onMark = false,
): string {
  const itsColor = color ? colorClass[color] : dim ? 'text-muted' : '';
  return [!onMark && itsColor, bold && 'font-semibold', italic && 'italic', underline && 'underline']
    .filter(Boolean)
    .join(' ');
}
