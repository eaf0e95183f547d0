import { AnsiText } from '#client/ui/ansi-text.tsx';
import type { RunSummary } from '#shared/events.ts';

/** Why a run has no verdict of its tests: what the machinery says, as far as no test's own error says it. */
export function RunProblem({ run }: { run: RunSummary & { tests: readonly { error: { message: string } | null }[] } }) {
  if (!run.errorDetails || run.status === 'passed' || run.status === 'failed') return null;
  const details = run.errorDetails;
  const isToldByTest = run.tests.some(({ error }) => error && details.includes(error.message));
  return (
    <section aria-label="What went wrong" className="overflow-hidden rounded-lg border border-bad-line bg-bad-tint">
      {run.errorCode && (
        <p className={`px-3.5 pt-2.5 text-sm font-medium text-bad ${isToldByTest ? 'pb-2.5' : ''}`}>
          {(run.errorCode[0]?.toUpperCase() ?? '') + run.errorCode.slice(1).replaceAll('_', ' ')}
        </p>
      )}
      {!(isToldByTest && run.errorCode) && (
        <pre
          tabIndex={0}
          aria-label="Error details"
          className="max-h-80 overflow-auto px-3.5 py-2.5 font-mono text-[0.8125rem] leading-5 break-words whitespace-pre-wrap focus-visible:-outline-offset-2"
        >
          <AnsiText text={details} />
        </pre>
      )}
    </section>
  );
}
