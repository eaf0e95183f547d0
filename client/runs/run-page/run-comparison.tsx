import { Link } from '@tanstack/react-router';
import {
  CircleCheck,
  CircleMinus,
  CirclePlus,
  CircleX,
  Repeat,
  TrendingDown,
  TrendingUp,
  type LucideIcon,
} from 'lucide-react';
import { errorText } from '#client/query/api-error.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { toneText, type Tone } from '#client/ui/badge.tsx';
import { formatDuration, plural } from '#client/ui/format.ts';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { type Change, changes } from '#shared/run-changes.ts';
import { isTerminal } from '#shared/run-status.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { ComparedWith } from './compared-with.tsx';

type Comparison = Outputs['runs']['compare'];
type Item = Comparison['items'][number];
type Run = Outputs['runs']['byId'];

const looks: Record<Change, { title: string; tone: Tone; icon: LucideIcon }> = {
  newly_failed: { title: 'Newly failing', tone: 'bad', icon: CircleX },
  still_failing: { title: 'Still failing', tone: 'bad', icon: CircleX },
  fixed: { title: 'Fixed', tone: 'good', icon: CircleCheck },
  newly_flaky: { title: 'Newly flaky', tone: 'warn', icon: Repeat },
  slower: { title: 'Slower: at least twice as long, and 1 s more', tone: 'warn', icon: TrendingUp },
  faster: { title: 'Faster: at most half as long, and 1 s less', tone: 'good', icon: TrendingDown },
  new: { title: 'New', tone: 'quiet', icon: CirclePlus },
  removed: { title: 'Removed', tone: 'quiet', icon: CircleMinus },
};

/** Differences from another run of the same test, job or suite: of a suite, from the newest one of its base branch. */
export default function RunComparison({
  run,
  withId,
  onWith,
}: {
  run: Run;
  /** The run that the reader has chosen. */
  withId: string | undefined;
  onWith: (runId: string | undefined) => void;
}) {
  const over = isTerminal(run.status);
  const query = api.runs.compare.useQuery({ runId: run.id, with: withId }, { enabled: over });
  if (!over) return <p className="px-4 py-6 text-sm text-muted">The run is compared when it is over.</p>;
  if (query.isPending) return <Skeleton label="Comparing" rows={3} />;
  if (query.isError) {
    return (
      <>
        <ErrorState
          title="The runs could not be compared"
          cause={errorText(query.error)}
          onRetry={() => void query.refetch()}
        />
        {withId !== undefined && (
          <p className="pb-6 text-center text-sm">
            <button type="button" className="link" onClick={() => onWith(undefined)}>
              Compare with another run
            </button>
          </p>
        )}
      </>
    );
  }
  const { previous, baseBranch, items, counts, unchanged } = query.data;
  const ofBase = baseBranch !== null && baseBranch !== run.branch;
  return (
    <div className="space-y-4 p-4 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-muted">
        <ComparedWith
          run={run}
          previous={previous}
          chosen={withId}
          usual={ofBase ? `The newest run of ${baseBranch}` : 'The run before'}
          onChoose={onWith}
        />
        {previous && (
          <>
            <StatusBadge status={previous.status} />
            <Link to="/runs/$runId" params={{ runId: previous.id }} className="link">
              <RelativeTime iso={previous.startedAt ?? previous.queuedAt} />
            </Link>
            <RunCommit run={previous} className="max-w-80" message={false} />
          </>
        )}
      </div>
      {previous ? (
        <p>
          {items.length === 0 && 'Nothing has changed: '}
          {plural(unchanged, 'test')} unchanged
        </p>
      ) : (
        <p className="py-2">
          {ofBase
            ? `No finished run of ${baseBranch} yet.`
            : `There is no earlier run of this ${run.kind} with a result to compare with.`}
        </p>
      )}
      {previous &&
        changes.map((change) => {
          const group = items.filter((item) => item.change === change);
          const ids = { runId: run.id, previousId: previous.id };
          return (
            group.length > 0 && <Group key={change} change={change} items={group} count={counts[change]} {...ids} />
          );
        })}
    </div>
  );
}

function Group({
  change,
  items,
  count,
  runId,
  previousId,
}: {
  change: Change;
  items: Item[];
  /** Of all cases; `items` has the first of them. */
  count: number;
  runId: string;
  previousId: string;
}) {
  const { title, tone, icon: Icon } = looks[change];
  return (
    <section aria-label={title}>
      <h2 className={`flex items-center gap-2 font-medium ${toneText[tone]}`}>
        <Icon aria-hidden className="size-4 shrink-0" /> {title}
        <span className="font-normal text-muted tabular-nums">{count.toLocaleString()}</span>
      </h2>
      <ul className="mt-1 divide-y divide-line">
        {items.map((item) => (
          <Row key={`${item.caseId}:${item.index}`} item={item} runId={runId} previousId={previousId} />
        ))}
      </ul>
      {count > items.length && <p className="pl-6 text-muted">and {(count - items.length).toLocaleString()} more</p>}
    </section>
  );
}

function Row({ item, runId, previousId }: { item: Item; runId: string; previousId: string }) {
  const { index, previousIndex, name, title, project, quarantined, duration, previousDuration } = item;
  return (
    <li className="flex min-h-9 items-center gap-3 py-1 pl-6">
      <Link
        to="/runs/$runId"
        params={{ runId: index === null ? previousId : runId }}
        search={{ case: index ?? previousIndex ?? undefined }}
        className="min-w-0 flex-1 truncate hover:underline"
      >
        <bdi>
          {name}
          {title !== null && <span className="text-muted"> › {title}</span>}
        </bdi>
        {project && <span className="text-muted"> [{project}]</span>}
        {quarantined && <span className="text-muted"> (in quarantine)</span>}
      </Link>
      <span className="shrink-0 text-right text-muted tabular-nums">
        {previousDuration !== null && `${formatDuration(previousDuration)} → `}
        {duration !== null && formatDuration(duration)}
      </span>
    </li>
  );
}
