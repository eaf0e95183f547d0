import { AnsiText } from '#client/ui/ansi-text.tsx';
import { stripAnsi } from '#client/ui/ansi.ts';
import { CopyButton } from '#client/ui/copy-button.tsx';
import type { TestError } from '#shared/events.ts';

/** The error of a test or step: its message, where it was thrown, and the lines of code around it. */
export function ErrorDetails({
  error,
  file = '',
}: {
  error: TestError;
  /** Of the case. Lines of errors are lines of it; empty for a script, which has only one. */
  file?: string;
}) {
  return (
    <div className="overflow-hidden rounded-lg border border-bad-line">
      <div className="flex items-start gap-1 bg-bad-tint pr-1.5">
        <pre className="min-w-0 flex-1 py-2.5 pl-3.5 font-mono text-[0.8125rem] leading-5 break-words whitespace-pre-wrap">
          <Message text={error.message} />
        </pre>
        <span className="pt-1">
          <CopyButton label="Copy the error" text={() => textOf(error)} />
        </span>
      </div>
      {file && error.line != null && (
        <p className="border-t border-bad-line bg-sunken px-3.5 py-1 font-mono text-xs wrap-anywhere text-muted">
          {[file, error.line, error.column].filter((part) => part != null).join(':')}
        </p>
      )}
      {error.snippet && (
        <pre
          tabIndex={0}
          aria-label="Code around the error"
          className="overflow-x-auto border-t border-bad-line bg-sunken px-3.5 py-2.5 font-mono text-[0.8125rem] leading-5 focus-visible:-outline-offset-2"
        >
          {error.snippet.split('\n').map((line, index) => (
            <span key={index} className={/^\s*>/.test(stripAnsi(line)) ? 'font-semibold text-bad' : undefined}>
              <AnsiText text={line} />
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}

/** Without colours. */
function textOf({ message, snippet }: TestError): string {
  return stripAnsi([message, snippet].filter(Boolean).join('\n\n'));
}

/** The message, with expected and received values in colours as terminals show them. */
function Message({ text }: { text: string }) {
  if (text.includes('\x1b')) return <AnsiText text={text} />;
  return text.split('\n').map((line, index) => (
    <span key={index} className={lineClass(line)}>
      {line}
      {'\n'}
    </span>
  ));
}

/** Lines of Playwright's comparisons: `Expected…: …`, `Received…: …`, and those of a diff. */
function lineClass(line: string): string | undefined {
  if (/^(Expected\b.*:|- {1,2}|-$)/.test(line)) return 'text-good';
  return /^(Received\b.*:|\+ {1,2}|\+$)/.test(line) ? 'text-bad' : undefined;
}
