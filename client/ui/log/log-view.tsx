import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useEffect, useState } from 'react';
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
  const [findLines] = useState(createLineSearch);
  const found = findLines(lines, searched);
  const [at, setAt] = useState(0);
  const current = found[Math.min(at, found.length - 1)];

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

  const goTo = (place: number) => {
    const index = found[place];
    if (index === undefined) return;
    setAt(place);
    setFollowing(false);
    rows.scrollToIndex(index - dropped, { align: 'center' });
  };
  const step = (by: number) => goTo((Math.min(at, found.length - 1) + by + found.length) % Math.max(1, found.length));
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
        result={searched === '' ? null : { count: found.length, at: Math.min(at, found.length - 1) }}
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
                      mark={searched}
                      isMatch={number - 1 === current}
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
