import { parseAnsi, type AnsiColor, type AnsiSpan } from './ansi.ts';

// Black and white are the two that a theme turns round: both are simply text.
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

/** Terminal text in the theme's own colours. */
export function AnsiText({ text }: { text: string }) {
  return parseAnsi(text).map((span, index) => {
    const className = spanClass(span);
    return className ? (
      <span key={index} className={className}>
        {span.text}
      </span>
    ) : (
      span.text
    );
  });
}

function spanClass(span: AnsiSpan): string {
  return [
    span.color ? colorClass[span.color] : span.dim ? 'text-muted' : '',
    span.bold && 'font-semibold',
    span.italic && 'italic',
    span.underline && 'underline',
  ]
    .filter(Boolean)
    .join(' ');
}
