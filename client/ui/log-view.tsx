import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ChevronDown, ChevronUp, Download } from 'lucide-react';
import { useEffect, useEffectEvent, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { AnsiText } from './ansi-text.tsx';
import { stripAnsi } from './ansi.ts';
import { Button, buttonClass } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { createLineSearch } from './find-in-lines.ts';
import { plural } from './format.ts';
import { lineAt, linesFrom, type LogLine, type LogLines } from './log-lines.ts';
import { useDebounced } from './use-debounced.ts';

const rowHeight = 20;
/** Rows drawn above and below what is visible, so that scrolling does not outrun drawing. */
const overscan = 30;
const longestLine = 4_000;

interface LogViewProps {
  lines: LogLines;
  live: boolean;
  label: string;
  empty: string;
  /** How high it is: `min-h-…` and `max-h-…`. */
  className: string;
  /** Where the whole log can be had; without it, what is on the page can. */
  downloadUrl?: string | undefined;
  /** The line (from 1) that the address names. */
  line?: number | undefined;
  /** Makes lines addressable: where a line's own address leads, and what else choosing it does. */
  addressOf?: (line: number) => string;
  onLine?: (line: number) => void;
}

/**
 * A log that stays quick at any length: only the visible rows are in the document. It follows its end while the run goes
 * on, until the reader scrolls up.
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
  // The compiler that this matters to is not used here.
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
    // Once: what comes later must not pull the reader back.
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
    // Only a new search moves the reader.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [searched]);

  const numberWidth = `${Math.max(4, String(total).length) + 2}ch`;
  return (
    <div className="relative flex min-h-0 flex-col">
      <Toolbar
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
        // Every line of a busy log read aloud would drown the status, which has its own live region.
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
                    <Row
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

/** Keeps the end in view while following; the reader's own way up ends that, and the way back to the end resumes it. */
function useFollowing({ total, dropped }: LogLines, atFirst: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(atFirst);
  const lastTop = useRef(0);
  const lastDropped = useRef(dropped);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // Lines that are let go above must not move those below.
    element.scrollTop -= (dropped - lastDropped.current) * rowHeight;
    lastDropped.current = dropped;
    if (following) element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  }, [following, total, dropped]);

  // Where there is more room, the browser scrolls up by itself, which is not the reader's doing.
  const onResize = useEffectEvent((element: HTMLElement) => {
    if (!following) return;
    element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const resized = new ResizeObserver(() => onResize(element));
    resized.observe(element);
    const onScroll = () => {
      const goesUp = element.scrollTop < lastTop.current - 1;
      const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight;
      lastTop.current = element.scrollTop;
      if (goesUp) setFollowing(false);
      else if (isAtEnd) setFollowing(true);
    };
    // Before the first pixel has moved, the next line would pull the reader back.
    const onWheel = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0 && element.scrollTop > 0) setFollowing(false);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
    };
  }, []);

  return { box, following, setFollowing };
}

function Row({
  line,
  number,
  numberWidth,
  chosen,
  mark,
  isMatch,
  address,
  onChoose,
}: {
  line: LogLine;
  number: number;
  numberWidth: string;
  chosen: boolean;
  mark: string;
  isMatch: boolean;
  address: string | undefined;
  onChoose: ((line: number) => void) | undefined;
}) {
  const ground = chosen || isMatch ? 'bg-chosen' : line.stream === 'stderr' ? 'bg-warn-tint' : 'bg-sunken';
  const numberClass = 'sticky left-0 mr-2 shrink-0 bg-inherit pr-2 text-right text-muted select-none';
  return (
    <div aria-current={chosen || undefined} className={`flex h-5 w-max min-w-full pr-4 whitespace-pre ${ground}`}>
      {address === undefined ? (
        <span aria-hidden className={numberClass} style={{ width: numberWidth }}>
          {number}
        </span>
      ) : (
        <a
          href={address}
          // Thousands of stops on the way through the page help nobody; a search leads to a line's address, too.
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
        <AnsiText text={shortened(line.text)} mark={mark} />
      </bdi>
    </div>
  );
}

function Toolbar({
  lines,
  typed,
  onType,
  result,
  onStep,
  downloadUrl,
}: {
  lines: LogLines;
  typed: string;
  onType: (text: string) => void;
  result: { count: number; at: number } | null;
  onStep: (by: 1 | -1) => void;
  downloadUrl: string | undefined;
}) {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onType('');
    if (event.key !== 'Enter') return;
    event.preventDefault();
    onStep(event.shiftKey ? -1 : 1);
  };
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-1.5 text-sm text-muted">
      <input
        type="search"
        aria-label="Search the output"
        aria-describedby={id}
        placeholder="Search"
        maxLength={200}
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={onKeyDown}
        className="control min-h-8 w-40 min-w-0 py-1 sm:w-52"
      />
      <span id={id} role="status" className="tabular-nums">
        {result && (result.count === 0 ? 'Not found' : `${result.at + 1} of ${result.count.toLocaleString()}`)}
      </span>
      {result && result.count > 0 && (
        <span className="flex">
          <Button variant="ghost" size="sm" aria-label="Previous match" onClick={() => onStep(-1)}>
            <ChevronUp aria-hidden className="size-4" />
          </Button>
          <Button variant="ghost" size="sm" aria-label="Next match" onClick={() => onStep(1)}>
            <ChevronDown aria-hidden className="size-4" />
          </Button>
        </span>
      )}
      <span className="ml-auto flex items-center gap-1">
        <span className="mr-1 tabular-nums max-sm:hidden">{plural(lines.total, 'line')}</span>
        {lines.total > 0 && (
          <>
            <CopyButton label="Copy the output" text={() => textOf(lines)} />
            <DownloadLink lines={lines} url={downloadUrl} />
          </>
        )}
      </span>
    </div>
  );
}

function DownloadLink({ lines, url }: { lines: LogLines; url: string | undefined }) {
  const content = (
    <>
      <Download aria-hidden className="size-4" />
      <span className="sr-only">Download the output</span>
    </>
  );
  const save = () => {
    const blobUrl = URL.createObjectURL(new Blob([textOf(lines)], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = blobUrl;
    link.download = 'output.log';
    link.click();
    URL.revokeObjectURL(blobUrl);
  };
  if (url === undefined) {
    return (
      <Button variant="ghost" size="sm" title="Download" onClick={save}>
        {content}
      </Button>
    );
  }
  return (
    <a href={url} download="output.log" title="Download" className={buttonClass('ghost', 'sm')}>
      {content}
    </a>
  );
}

const textOf = (lines: LogLines) => [...linesFrom(lines)].map(([, line]) => stripAnsi(line.text)).join('\n');

function shortened(text: string): string {
  if (text.length <= longestLine) return text;
  return `${text.slice(0, longestLine)} … ${(text.length - longestLine).toLocaleString()} more characters`;
}
