import { Link } from '@tanstack/react-router';
import { CircleCheck, CirclePlus, CircleX, TrendingDown, TrendingUp, type LucideIcon } from 'lucide-react';
import { errorText } from '#client/query/api-error.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { toneText, type Tone } from '#client/ui/badge.tsx';
import { formatDuration, plural } from '#client/ui/format.ts';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { previousText } from './previous-text.ts';

type Comparison = Outputs['runs']['compare'];
type Item = Comparison['items'][number];
type Change = Item['change'];

const looks: Record<Change, { title: string; tone: Tone; icon: LucideIcon }> = {
  newly_failed: { title: 'Newly failed', tone: 'bad', icon: CircleX },
  still_failing: { title: 'Still failing', tone: 'bad', icon: CircleX },
  fixed: { title: 'Fixed', tone: 'good', icon: CircleCheck },
  slower: { title: 'Slower', tone: 'warn', icon: TrendingUp },
  faster: { title: 'Faster', tone: 'good', icon: TrendingDown },
  new: { title: 'New', tone: 'quiet', icon: CirclePlus },
};

/** Differences from the run before of the same test, job or suite. */
export default function RunComparison({ run }: { run: Outputs['runs']['byId'] }) {
  const over = isTerminal(run.status);
  const query = api.runs.compare.useQuery({ runId: run.id }, { enabled: over });
  if (!over) return <p className="px-4 py-6 text-sm text-muted">The run is compared when it is over.</p>;
  if (query.isPending) return <Skeleton label="Comparing" rows={3} />;
  if (query.isError) {
    return (
      <ErrorState
        title="The runs could not be compared"
        cause={errorText(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  }
  const { previous, items, unchanged, missing } = query.data;
  if (!previous) {
    return (
      <p className="px-4 py-6 text-sm text-muted">
        There is no earlier run of this {run.kind} with a result to compare with.
      </p>
    );
  }
  return (
    <div className="space-y-4 p-4 text-sm">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-2 text-muted">
        <span>Compared with</span>
        <Link to="/runs/$runId" params={{ runId: previous.id }} className="link">
          {previousText(run, previous)}, <RelativeTime iso={previous.queuedAt} />
        </Link>
        <StatusBadge status={previous.status} />
        <span>
          {plural(unchanged, 'test')} unchanged
          {missing > 0 && `, ${missing} not in this run`}
        </span>
      </p>
      {items.length === 0 && <p>Nothing has changed.</p>}
      {(Object.keys(looks) as Change[]).map((change) => {
        const group = items.filter((item) => item.change === change);
        return group.length > 0 && <Group key={change} change={change} items={group} runId={run.id} />;
      })}
    </div>
  );
}

function Group({ change, items, runId }: { change: Change; items: Item[]; runId: string }) {
  const { title, tone, icon: Icon } = looks[change];
  return (
    <section aria-label={title}>
      <h3 className={`flex items-center gap-2 font-medium ${toneText[tone]}`}>
        <Icon aria-hidden className="size-4" /> {title}
        <span className="font-normal text-muted tabular-nums">{items.length}</span>
      </h3>
      <ul className="mt-1 divide-y divide-line">
        {items.map((item) => (
          <li key={item.index} className="flex min-h-9 items-center gap-3 py-1 pl-6">
            <Link
              to="/runs/$runId"
              params={{ runId }}
              search={{ case: item.index }}
              className="min-w-0 flex-1 truncate hover:underline"
            >
              <bdi>
                {item.name}
                {item.title !== null && <span className="text-muted"> › {item.title}</span>}
              </bdi>
            </Link>
            <span className="shrink-0 text-right text-muted tabular-nums">
              {item.previousDuration !== null && `${formatDuration(item.previousDuration)} → `}
              {item.duration !== null && formatDuration(item.duration)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
