import { ChevronRight } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import type { LogLine } from './log-lines.ts';
import { LogText } from './log-text.tsx';

/** Height of a row, in px; `h-5` in its classes. Where lines wrap, that of one without text. */
export const rowHeight = 20;

/** `12:03:04.120`, in the reader's time zone. */
export function clockTime(iso: string): string {
  const time = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
}

/** What stands before a line: its number, or the time at which it was written. */
export interface Gutter {
  /** CSS. */
  width: string;
  text: string;
}

/** One line of a log with its number or time. */
export function LogRow({
  line,
  gutter,
  chosen,
  searched,
  match,
  wrap,
  address,
  onChoose,
  ...place
}: {
  ref?: Ref<HTMLDivElement>;
  'data-index'?: number;
  line: LogLine;
  gutter: Gutter;
  chosen: boolean;
  searched: string;
  /** Which match in the line the reader is at, from 0. */
  match: number | null;
  wrap: boolean;
  address: string | undefined;
  onChoose: (() => void) | undefined;
}) {
  const ground = chosen || match !== null ? 'bg-chosen' : line.stream === 'stderr' ? 'bg-warn-tint' : 'bg-sunken';
  const flow = wrap ? 'min-h-5 w-full whitespace-pre-wrap wrap-anywhere' : 'h-5 w-max min-w-full whitespace-pre';
  const gutterClass = 'sticky left-0 mr-2 shrink-0 bg-inherit pr-2 text-right text-muted select-none';
  return (
    <div {...place} aria-current={chosen || undefined} className={`flex pr-4 ${flow} ${ground}`}>
      {address === undefined ? (
        <span aria-hidden data-line-number className={gutterClass} style={{ width: gutter.width }}>
          {gutter.text}
        </span>
      ) : (
        <a
          href={address}
          data-line-number
          // Not a tab stop, since there are thousands of lines.
          tabIndex={-1}
          aria-label={`Link to the line ${gutter.text}`}
          title={line.at}
          className={`${gutterClass} hover:text-ink hover:underline`}
          style={{ width: gutter.width }}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            onChoose?.();
          }}
        >
          {gutter.text}
        </a>
      )}
      <bdi>
        <LogText text={line.text} search={{ text: searched, current: match }} />
      </bdi>
    </div>
  );
}

/** The heading of a group of lines, which folds them. */
export function GroupRow({
  title,
  count,
  folded,
  onFold,
  ...place
}: {
  ref?: Ref<HTMLButtonElement>;
  'data-index'?: number;
  title: ReactNode;
  count: number;
  folded: boolean;
  onFold: (folded: boolean) => void;
}) {
  return (
    <button
      type="button"
      {...place}
      aria-expanded={!folded}
      onClick={() => onFold(!folded)}
      className="sticky left-0 flex h-5 w-full items-center gap-1.5 border-t border-line bg-surface pr-4 pl-1 text-left font-sans text-xs hover:bg-hover focus-visible:-outline-offset-2"
    >
      <ChevronRight aria-hidden className={`size-3.5 shrink-0 text-muted ${folded ? '' : 'rotate-90'}`} />
      <span className="min-w-0 flex-1 truncate">{title}</span>
      <span className="shrink-0 text-muted tabular-nums">{count.toLocaleString()}</span>
    </button>
  );
}
