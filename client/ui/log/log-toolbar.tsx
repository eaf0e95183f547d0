import { ChevronDown, ChevronUp, ChevronsDownUp, ChevronsUpDown, Clock, Download, WrapText } from 'lucide-react';
import { type ReactNode, useId, type KeyboardEvent } from 'react';
import { stripAnsi } from '#client/ui/ansi.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { CopyButton, CopyLink } from '#client/ui/copy-button.tsx';
import { plural } from '#client/ui/format.ts';
import { saveFile } from '#client/ui/save-file.ts';
import { linesFrom, type LogLines } from './log-lines.ts';

interface Switch {
  on: boolean;
  set: (on: boolean) => void;
}

/** Search in a log, its number of lines, how it is shown, and buttons that copy and download it. */
export function LogToolbar({
  lines,
  isPart,
  typed,
  onType,
  result,
  onStep,
  onSearchAll,
  downloadUrl,
  markedAddress,
  times,
  wrap,
  folds,
}: {
  lines: LogLines;
  /** The log has more lines than are loaded. */
  isPart: boolean;
  typed: string;
  onType: (text: string) => void;
  result: { count: number; at: number } | null;
  onStep: (by: 1 | -1) => void;
  /** Loads the lines before, to search them too. */
  onSearchAll: (() => void) | undefined;
  times: Switch;
  wrap: Switch;
  folds?: Switch;
  downloadUrl: string | undefined;
  /** Of the marked line. */
  markedAddress: string | undefined;
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
      {onSearchAll && (
        <Button variant="ghost" size="sm" onClick={onSearchAll}>
          Search earlier lines, too
        </Button>
      )}
      <span className="ml-auto flex items-center gap-0.5">
        <span className="mr-1 tabular-nums max-sm:hidden">
          {isPart ? `${lines.total.toLocaleString()} lines loaded` : plural(lines.total, 'line')}
        </span>
        {folds && (
          <Toggle label="Fold all" {...folds}>
            {folds.on ? (
              <ChevronsUpDown aria-hidden className="size-4" />
            ) : (
              <ChevronsDownUp aria-hidden className="size-4" />
            )}
          </Toggle>
        )}
        <Toggle label="Times" {...times}>
          <Clock aria-hidden className="size-4" />
        </Toggle>
        <Toggle label="Wrap lines" {...wrap}>
          <WrapText aria-hidden className="size-4" />
        </Toggle>
        {markedAddress !== undefined && <CopyLink label="Copy link to the line" address={markedAddress} />}
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

function Toggle({ label, on, set, children }: Switch & { label: string; children: ReactNode }) {
  return (
    <Button
      variant="ghost"
      size="sm"
      aria-label={label}
      title={label}
      aria-pressed={on}
      className={on ? 'bg-hover text-ink' : ''}
      onClick={() => set(!on)}
    >
      {children}
    </Button>
  );
}

function DownloadLink({ lines, url }: { lines: LogLines; url: string | undefined }) {
  const content = (
    <>
      <Download aria-hidden className="size-4" />
      <span className="sr-only">Download the output</span>
    </>
  );
  if (url === undefined) {
    return (
      <Button variant="ghost" size="sm" title="Download" onClick={() => saveFile('output.log', textOf(lines))}>
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
