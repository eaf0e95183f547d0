import { AnsiText } from '#client/ui/ansi-text.tsx';
import type { RunSummary } from '#shared/events.ts';

/** The error of a run that ended without a result of its tests; nothing if the error of a test says the same. */
export function RunProblem({ run }: { run: RunSummary & { tests: readonly { error: { message: string } | null }[] } }) {
  if (!run.errorDetails || run.status === 'passed' || run.status === 'failed') return null;
  const details = run.errorDetails;
  if (run.tests.some(({ error }) => error && details.includes(error.message))) return null;
  return (
    <section aria-label="What went wrong" className="overflow-hidden rounded-lg border border-bad-line bg-bad-tint">
      {run.errorCode && (
        <p className="px-3.5 pt-2.5 text-sm font-medium text-bad">
          {(run.errorCode[0]?.toUpperCase() ?? '') + run.errorCode.slice(1).replaceAll('_', ' ')}
        </p>
      )}
      <pre
        tabIndex={0}
        aria-label="Error details"
        className="max-h-80 overflow-auto px-3.5 py-2.5 font-mono text-[0.8125rem] leading-5 break-words whitespace-pre-wrap focus-visible:-outline-offset-2"
      >
        <AnsiText text={details} />
      </pre>
    </section>
  );
}
