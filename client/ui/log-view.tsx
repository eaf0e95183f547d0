import { ArrowDownToLine, Check, Copy, Pause } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { AnsiText } from './ansi-text.tsx';
import { stripAnsi } from './ansi.ts';
import { Button } from './button.tsx';
import { plural } from './format.ts';

export interface LogLine {
  text: string;
  stream: 'stdout' | 'stderr';
}

const rowHeight = 20;
/** Rows drawn above and below what is visible, so that scrolling does not outrun drawing. */
const overscan = 20;
const longestLine = 4_000;

/**
 * A log that stays quick at any length: only the visible rows are in the document. It follows its end until the reader
 * scrolls up or pauses.
 */
export function LogView({
  lines,
  live,
  label,
  empty,
  className,
}: {
  lines: readonly LogLine[];
  live: boolean;
  label: string;
  empty: string;
  /** How high it is: `min-h-…` and `max-h-…`. */
  className: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 320 });
  const [following, setFollowing] = useState(true);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [following, lines.length, view.height]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    setView({ top: element.scrollTop, height: element.clientHeight });
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight);
  };

  const first = Math.max(0, Math.floor(view.top / rowHeight) - overscan);
  const last = Math.min(lines.length, Math.ceil((view.top + view.height) / rowHeight) + overscan);

  return (
    <div>
      <div
        ref={box}
        role="log"
        // Every line of a busy log read aloud would drown the status, which has its own live region.
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        onScroll={onScroll}
        className={`overflow-auto bg-sunken font-mono text-[0.8125rem] leading-5 focus-visible:-outline-offset-2 ${className}`}
      >
        {lines.length === 0 ? (
          <p className="p-4 font-sans text-sm text-muted">{empty}</p>
        ) : (
          <div className="relative min-w-full" style={{ height: lines.length * rowHeight + 16 }}>
            <div className="absolute min-w-full py-2" style={{ top: first * rowHeight }}>
              {lines.slice(first, last).map((line, index) => (
                <div
                  key={first + index}
                  className={`flex h-5 w-max min-w-full pr-4 whitespace-pre ${line.stream === 'stderr' ? 'bg-warn-tint' : 'bg-sunken'}`}
                >
                  <span
                    aria-hidden
                    className="sticky left-0 mr-2 shrink-0 bg-inherit pr-2 text-right text-muted select-none"
                    style={{ width: `${Math.max(4, String(lines.length).length) + 2}ch` }}
                  >
                    {first + index + 1}
                  </span>
                  <span>
                    <AnsiText text={shortened(line.text)} />
                  </span>
                </div>
              ))}
            </div>
          </div>
        )}
      </div>
      {lines.length > 0 && (
        <div className="flex min-h-10 items-center justify-between gap-2 border-t border-line px-3 py-1 text-sm text-muted">
          <span className="tabular-nums">{plural(lines.length, 'line')}</span>
          <span className="flex gap-1">
            <CopyButton lines={lines} />
            {live && following && (
              <Button variant="ghost" size="sm" onClick={() => setFollowing(false)}>
                <Pause aria-hidden className="size-4" /> Pause
              </Button>
            )}
            {!following && (
              <Button variant="ghost" size="sm" onClick={() => setFollowing(true)}>
                <ArrowDownToLine aria-hidden className="size-4" /> {live ? 'Follow' : 'To the end'}
              </Button>
            )}
          </span>
        </div>
      )}
    </div>
  );
}

function CopyButton({ lines }: { lines: readonly LogLine[] }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);

  // Browsers offer the clipboard to secure origins only.
  if (!globalThis.navigator.clipboard) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(lines.map((line) => stripAnsi(line.text)).join('\n'));
    setCopied(true);
  };
  return (
    <Button variant="ghost" size="sm" onClick={() => void copy()}>
      {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
      {copied ? 'Copied' : 'Copy'}
    </Button>
  );
}

function shortened(text: string): string {
  if (text.length <= longestLine) return text;
  return `${text.slice(0, longestLine)} … ${(text.length - longestLine).toLocaleString()} more characters`;
}
