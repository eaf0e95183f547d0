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

/** Terminal text in the theme's colours. Occurrences of `mark` within one style are highlighted. */
export function AnsiText({ text, mark = '' }: { text: string; mark?: string }) {
  return parseAnsi(text).map((span, index) => {
    const className = spanClass(span);
    const content = mark === '' ? span.text : <Marked text={span.text} mark={mark} />;
    return className ? (
      <span key={index} className={className}>
        {content}
      </span>
    ) : (
      <span key={index}>{content}</span>
    );
  });
}

function Marked({ text, mark }: { text: string; mark: string }) {
  const pieces = text.toLowerCase().split(mark.toLowerCase());
  // Some letters change their length with their case; then the offsets would be wrong.
  if (pieces.length === 1 || text.toLowerCase().length !== text.length) return text;
  let end = 0;
  return pieces.map((between, index) => {
    const start = end;
    end += between.length + mark.length;
    return (
      <span key={index}>
        {text.slice(start, start + between.length)}
        {index < pieces.length - 1 && (
          <mark className="rounded-xs bg-lamp text-[#191a1c]">{text.slice(start + between.length, end)}</mark>
        )}
      </span>
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
