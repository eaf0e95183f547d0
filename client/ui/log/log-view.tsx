import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import { useDebounced } from '#client/ui/use-debounced.ts';
import { createLineSearch } from './line-search.ts';
import { lineAt, type LogLines } from './log-lines.ts';
import { LogRow, rowHeight } from './log-row.tsx';
import { LogToolbar } from './log-toolbar.tsx';
import { useFollowing } from './use-following.ts';

/** Rows rendered above and below the visible ones, so that scrolling shows no gaps. */
const overscan = 30;

interface LogViewProps {
  lines: LogLines;
  live: boolean;
  label: string;
  empty: string;
  /** Its height: `min-h-…` and `max-h-…`. */
  className: string;
  /** URL of the whole log. Without it, the download has the lines on the page. */
  downloadUrl?: string | undefined;
  /** The line (from 1) in the page's address. */
  line?: number | undefined;
  /** Makes line numbers links to this address; a click calls `onLine` instead. */
  addressOf?: (line: number) => string;
  onLine?: (line: number) => void;
}

/**
 * A log that stays fast at any length, since only the visible rows are in the document. It follows its end while it is
 * `live`, until the reader scrolls up.
 */
export default function LogView({ lines, live, label, empty, className, line, ...rest }: LogViewProps) {
  const { box, following, setFollowing } = useFollowing(lines, live && line === undefined);
  const [typed, setTyped] = useState('');
  const searched = useDebounced(typed, 150);
  const [search] = useState(createLineSearch);
  const found = search(lines, searched);
  const [at, setAt] = useState(0);
  const currentNumber = Math.min(at, found.total - 1);
  const current = found.at(currentNumber);

  const { dropped, total } = lines;
  // The rule is for the React compiler, which this project does not use.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: total - dropped,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan,
    paddingStart: 8,
    paddingEnd: 8,
  });
  const shown = rows.getVirtualItems();

  const isHere = line !== undefined && line > dropped && line <= total;
  useEffect(() => {
    if (!isHere) return;
    setFollowing(false);
    rows.scrollToIndex(line - 1 - dropped, { align: 'center' });
    // Once: later lines must not move the reader.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [line, isHere]);

  const comesIntoView = useRef(false);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const goTo = (number: number) => {
    const match = found.at(number);
    if (!match) return;
    setAt(number);
    setFollowing(false);
    comesIntoView.current = true;
    render();
    rows.scrollToIndex(match.line - dropped, { align: 'center' });
  };
  const step = (by: number) => goTo((currentNumber + by + found.total) % Math.max(1, found.total));
  // The row of the match is there once the list has scrolled down to it; sideways it is brought into view then.
  useLayoutEffect(() => {
    if (!comesIntoView.current || !box.current) return;
    if (scrollSideways(box.current, 'mark[aria-current]')) comesIntoView.current = false;
  });
  useEffect(() => {
    setAt(0);
    if (searched !== '') goTo(0);
    // Only a new search moves the reader, not a new line.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [searched]);

  const numberWidth = `${Math.max(4, String(total).length) + 2}ch`;
  return (
    <div className="relative flex min-h-0 flex-col">
      <LogToolbar
        lines={lines}
        typed={typed}
        onType={setTyped}
        result={searched === '' ? null : { count: found.total, at: currentNumber }}
        onStep={step}
        downloadUrl={rest.downloadUrl}
      />
      <div
        ref={box}
        role="log"
        // Screen readers do not read each new line; the run's status has a live region of its own.
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        className={`overflow-auto bg-sunken font-mono text-[0.8125rem] leading-5 [overflow-anchor:none] focus-visible:-outline-offset-2 ${className}`}
      >
        {total === 0 ? (
          <p className="p-4 font-sans text-sm text-muted">{empty}</p>
        ) : (
          <div className="relative min-w-full" style={{ height: rows.getTotalSize() }}>
            <div className="absolute min-w-full" style={{ top: shown[0]?.start ?? 0 }}>
              {shown.map(({ index }) => {
                const number = index + dropped + 1;
                const content = lineAt(lines, number - 1);
                return (
                  content && (
                    <LogRow
                      key={number}
                      line={content}
                      number={number}
                      numberWidth={numberWidth}
                      chosen={number === line}
                      searched={searched}
                      match={current?.line === number - 1 ? current.nth : null}
                      address={rest.addressOf?.(number)}
                      onChoose={rest.onLine}
                    />
                  )
                );
              })}
            </div>
          </div>
        )}
      </div>
      {!following && total > 0 && live && (
        <Button
          variant="primary"
          size="sm"
          className="absolute right-5 bottom-4 rounded-full shadow-lg"
          onClick={() => setFollowing(true)}
        >
          <ArrowDown aria-hidden className="size-4" /> Jump to latest
        </Button>
      )}
    </div>
  );
}

/** Brings the element into view, beside the column of line numbers. False: the box has no such element. */
function scrollSideways(box: HTMLElement, selector: string): boolean {
  const element = box.querySelector(selector);
  if (!element) return false;
  const shown = box.getBoundingClientRect();
  const { left, right } = element.getBoundingClientRect();
  const numbers = box.querySelector('[data-line-number]')?.getBoundingClientRect().width ?? 0;
  if (left < shown.left + numbers || right > shown.left + box.clientWidth)
    box.scrollLeft += (left + right) / 2 - (shown.left + numbers + (box.clientWidth - numbers) / 2);
  return true;
}
