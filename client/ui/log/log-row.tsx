import type { LogLine } from './log-lines.ts';
import { LogText } from './log-text.tsx';

/** Height of a row, in px; `h-5` in its classes. */
export const rowHeight = 20;

/** One line of a log with its number. */
export function LogRow({
  line,
  number,
  numberWidth,
  chosen,
  searched,
  match,
  address,
  onChoose,
}: {
  line: LogLine;
  number: number;
  numberWidth: string;
  chosen: boolean;
  searched: string;
  /** Which match in the line the reader is at, from 0. */
  match: number | null;
  address: string | undefined;
  onChoose: ((line: number) => void) | undefined;
}) {
  const ground = chosen || match !== null ? 'bg-chosen' : line.stream === 'stderr' ? 'bg-warn-tint' : 'bg-sunken';
  const numberClass = 'sticky left-0 mr-2 shrink-0 bg-inherit pr-2 text-right text-muted select-none';
  return (
    <div aria-current={chosen || undefined} className={`flex h-5 w-max min-w-full pr-4 whitespace-pre ${ground}`}>
      {address === undefined ? (
        <span aria-hidden data-line-number className={numberClass} style={{ width: numberWidth }}>
          {number}
        </span>
      ) : (
        <a
          href={address}
          data-line-number
          // Not a tab stop, since there are thousands of lines.
          tabIndex={-1}
          aria-label={`Line ${number}`}
          className={`${numberClass} hover:text-ink hover:underline`}
          style={{ width: numberWidth }}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            onChoose?.(number);
          }}
        >
          {number}
        </a>
      )}
      <bdi>
        <LogText text={line.text} search={{ text: searched, current: match }} />
      </bdi>
    </div>
  );
}
