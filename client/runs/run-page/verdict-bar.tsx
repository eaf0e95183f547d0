import { type KindCounts } from '#client/runs/case-data/case-kind.ts';
import { caseKinds, type CaseKind } from '#client/runs/case-data/list-options.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { caseKindLook } from '#client/runs/status/case-kind-look.ts';
import { nothingRanText, verdictText } from '#shared/verdict-text.ts';

/**
 * How the cases of a run stand, as one bar, and the count of each kind. A count filters the list; pressed again, it shows all.
 * Without `onFilter`, counts are text.
 */
export function VerdictBar({
  run,
  total,
  counts,
  filter,
  onFilter,
}: {
  run: Pick<RunSummary, 'status' | 'errorCode'>;
  total: number;
  counts: KindCounts;
  filter?: CaseKind | undefined;
  onFilter?: ((kind: CaseKind | undefined) => void) | undefined;
}) {
  const live = !isTerminal(run.status);
  const kinds = caseKinds.filter((kind) => counts[kind] > 0);
  const done = total - counts.running - counts.waiting;
  const passed = counts.passed + counts.flaky;
  const summary =
    !live && counts.not_run === total
      ? nothingRanText(run)
      : verdictText({ total, passed, failed: counts.failed, done: live ? done : undefined });
  return (
    <div>
      <div
        role="progressbar"
        aria-label="Tests finished"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={summary}
        className="flex h-2 gap-px overflow-hidden rounded-full bg-line"
      >
        {kinds.map((kind) => (
          <div
            key={kind}
            title={`${counts[kind].toLocaleString()} ${caseKindLook[kind].label.toLowerCase()}`}
            className={`min-w-1 ${caseKindLook[kind].bar} ${kind === 'running' ? 'animate-pulse' : ''}`}
            // Grows by its count; `min-w-1` keeps one failure of thousands in sight.
            style={{ flex: `${counts[kind]} 1 0` }}
          />
        ))}
      </div>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-1 gap-y-0.5 text-sm tabular-nums">
        <span className="mr-2">{summary}</span>
        {kinds.map((kind) => (
          <Count key={kind} kind={kind} count={counts[kind]} filter={filter} onFilter={onFilter} />
        ))}
      </div>
    </div>
  );
}

function Count({
  kind,
  count,
  filter,
  onFilter,
}: {
  kind: CaseKind;
  count: number;
  filter: CaseKind | undefined;
  onFilter: ((kind: CaseKind | undefined) => void) | undefined;
}) {
  const { label, bar } = caseKindLook[kind];
  const content = (
    <>
      <span aria-hidden className={`size-2.5 shrink-0 rounded-xs ${bar}`} />
      {count.toLocaleString()} {label.toLowerCase()}
    </>
  );
  const look = 'inline-flex min-h-7 items-center gap-1.5 rounded-md px-1.5 text-muted';
  if (!onFilter) return <span className={look}>{content}</span>;
  const isChosen = filter === kind;
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      title={isChosen ? 'Show all' : `Show only these`}
      onClick={() => onFilter(isChosen ? undefined : kind)}
      className={`${look} ${isChosen ? 'bg-chosen text-ink' : 'hover:bg-hover hover:text-ink'}`}
    >
      {content}
    </button>
  );
}
