import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import { GoneNotice } from '#client/ui/gone-notice.tsx';
import { useDebounced } from '#client/ui/use-debounced.ts';
import { createLineSearch } from './line-search.ts';
import { lineAt, type LogLine, type LogLines } from './log-lines.ts';
import { clockTime, type Gutter, GroupRow, LogRow, rowHeight } from './log-row.tsx';
import { groupLines, rowOfLine } from './log-rows.ts';
import { LogToolbar } from './log-toolbar.tsx';
import { addressOfLine } from './log-entry.ts';
import { type MoreLines, useEdges } from './use-edges.ts';
import { useFollowing } from './use-following.ts';
import { useMarkedLine } from './use-marked-line.ts';

/** Rows rendered above and below the visible ones, so that scrolling shows no gaps. */
const overscan = 30;

export interface LogViewProps {
  lines: LogLines;
  live: boolean;
  label: string;
  empty: string;
  /** Its height: `min-h-…` and `max-h-…`. */
  className: string;
  /** URL of the whole log. Without it, the download has the lines on the page. */
  downloadUrl?: string | undefined;
  /** It follows its end at first: more lines may come. */
  follow?: boolean;
  /** The marked line, as `addressOfLine` names it. */
  line?: string | undefined;
  /** Makes the numbers or times of lines links to this address of the page; a click calls `onLine` instead. */
  addressOf?: (line: string) => string;
  onLine?: (line: string) => void;
  /** Lines before and after those that are loaded. They come as the reader scrolls there. */
  earlier?: MoreLines | undefined;
  later?: MoreLines | undefined;
  /** Loads the end of the log, if the lines are from its middle. */
  onLatest?: (() => void) | undefined;
  /** Puts lines under headings that can be folded. Keep their identity. */
  group?: { keyOf: (line: LogLine) => string; title: (first: LogLine) => ReactNode } | undefined;
}

/**
 * A log that stays fast at any length, since only the visible rows are in the document. It follows its end while it is
 * `live`, until the reader scrolls up.
 */
export default function LogView({
  lines,
  live,
  follow = live,
  label,
  empty,
  className,
  line,
  group,
  ...rest
}: LogViewProps) {
  const { earlier, later, onLatest } = rest;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const grouped = useMemo(() => group && groupLines(lines, group.keyOf, folded), [lines, group, folded]);
  const { dropped, total } = lines;
  const count = grouped ? grouped.rows.length : total - dropped;

  const isAtEnd = later === undefined;
  const { box, following, setFollowing } = useFollowing(
    count,
    dropped,
    // A whole log that is over is read from its beginning.
    line === undefined && isAtEnd && (follow || earlier !== undefined),
  );
  const [typed, setTyped] = useState('');
  const searched = useDebounced(typed, 150);
  const [search] = useState(createLineSearch);
  const found = search(lines, searched);
  const [at, setAt] = useState(0);
  const currentNumber = Math.min(at, found.total - 1);
  const current = found.at(currentNumber);

  const [hasTimes, setTimes] = useState(true);
  const [wrap, setWrap] = useState(false);
  // The rule is for the React compiler, which this project does not use.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan,
    paddingStart: 8,
    paddingEnd: 8,
  });
  useEffect(() => rows.measure(), [wrap, rows]);
  const shown = rows.getVirtualItems();
  useEdges(box, { earlier, later, lines });

  const rowOfIndex = (index: number) => (grouped ? rowOfLine(grouped, index) : index - dropped);
  const indexOfRow = (row: number) => (grouped ? grouped.rows[row]! : row + dropped);
  const scrollToLine = (index: number) => rows.scrollToIndex(rowOfIndex(index), { align: 'center' });
  const marked = useMarkedLine({
    lines,
    line,
    box,
    scrollTo: (index) => {
      setFollowing(false);
      scrollToLine(index);
    },
    rows: {
      count,
      ofLine: rowOfIndex,
      lineOf: (row) => lineAt(lines, indexOfRow(row)),
      top: () => rows.getVirtualItemForOffset(box.current?.scrollTop ?? 0)?.index ?? 0,
    },
    onLine: rest.onLine,
  });
  const chosen = marked.index;
  const isWhole = isAtEnd && earlier === undefined;
  const isGone = line !== undefined && !live && !marked.isExact && (chosen >= 0 || isWhole);

  const comesIntoView = useRef(false);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const goTo = (number: number) => {
    const match = found.at(number);
    if (!match) return;
    setAt(number);
    setFollowing(false);
    if (grouped && folded.size > 0) setFolded(new Set());
    comesIntoView.current = true;
    render();
    scrollToLine(match.line);
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
  const gutterOf = (content: LogLine, index: number): Gutter => {
    if (hasTimes && content.at !== undefined) return { width: '14ch', text: clockTime(content.at) };
    // Of a part of a log, no line knows its number.
    return { width: hasTimes ? '14ch' : numberWidth, text: earlier ? '·' : String(index + 1) };
  };
  const place = (index: number) => ({ 'data-index': index, ...(wrap && { ref: rows.measureElement }) });
  const rowOf = (row: number) => {
    const index = indexOfRow(row);
    const heading = index < 0 ? grouped?.groups[-index - 1] : undefined;
    if (heading) {
      return (
        <GroupRow
          key={heading.id}
          {...place(row)}
          title={group?.title(heading.first)}
          count={heading.count}
          folded={heading.folded}
          onFold={(isFolded) => {
            setFollowing(false);
            setFolded((known) => {
              const next = new Set(known);
              if (isFolded) next.add(heading.id);
              else next.delete(heading.id);
              return next;
            });
          }}
        />
      );
    }
    const content = lineAt(lines, index);
    const address = content && addressOfLine(content);
    return (
      content && (
        <LogRow
          key={index}
          {...place(row)}
          line={content}
          gutter={gutterOf(content, index)}
          chosen={index === chosen}
          searched={searched}
          match={current?.line === index ? current.nth : null}
          wrap={wrap}
          address={address === undefined ? undefined : rest.addressOf?.(address)}
          onChoose={address === undefined ? undefined : () => rest.onLine?.(address)}
        />
      )
    );
  };

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <LogToolbar
        lines={lines}
        isPart={earlier !== undefined || later !== undefined}
        typed={typed}
        onType={setTyped}
        result={searched === '' ? null : { count: found.total, at: currentNumber }}
        onStep={step}
        onSearchAll={searched === '' ? undefined : earlier?.loadAll}
        downloadUrl={rest.downloadUrl}
        markedAddress={line !== undefined && marked.isExact ? rest.addressOf?.(line) : undefined}
        times={{ on: hasTimes, set: setTimes }}
        wrap={{ on: wrap, set: setWrap }}
        {...(grouped && {
          folds: {
            on: folded.size > 0,
            set: (on) => setFolded(new Set(on ? grouped.groups.map(({ id }) => id) : [])),
          },
        })}
      />
      {isGone && <GoneNotice>The line of this address is not in the log.</GoneNotice>}
      <div
        ref={box}
        role="log"
        // Screen readers do not read each new line; the run's status has a live region of its own.
        aria-live="off"
        aria-label={label}
        aria-keyshortcuts="Shift+ArrowDown Shift+ArrowUp"
        tabIndex={0}
        onKeyDown={marked.onKeyDown}
        className={`overflow-auto bg-sunken font-mono text-[0.8125rem] leading-5 [overflow-anchor:none] focus-visible:-outline-offset-2 ${className}`}
      >
        {earlier && (
          <p className="sticky left-0 flex h-8 items-center px-2 font-sans text-xs text-muted">
            <Button variant="ghost" size="sm" busy={earlier.isLoading} onClick={earlier.load}>
              Earlier lines
            </Button>
          </p>
        )}
        {total === 0 ? (
          <p className="p-4 font-sans text-sm text-muted">{empty}</p>
        ) : (
          <div className="relative min-w-full" style={{ height: rows.getTotalSize() }}>
            <div className="absolute min-w-full" style={{ top: shown[0]?.start ?? 0, ...(wrap && { width: '100%' }) }}>
              {shown.map(({ index }) => rowOf(index))}
            </div>
          </div>
        )}
      </div>
      {((!following && total > 0 && live) || !isAtEnd) && (
        <Button
          variant="primary"
          size="sm"
          className="absolute right-5 bottom-4 rounded-full shadow-lg"
          onClick={() => {
            setFollowing(true);
            if (!isAtEnd) onLatest?.();
          }}
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
