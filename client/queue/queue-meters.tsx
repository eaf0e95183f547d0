import { Clock, Play, type LucideIcon } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '#client/query/trpc.ts';
import { Skeleton } from '#client/ui/states.tsx';

const QueueList = lazy(async () => ({ default: (await import('./queue-list.tsx')).QueueList }));

/**
 * Numbers of running and queued runs with their limits; opens the queue. The activity feed refreshes both, so they need no
 * stream of their own on every page.
 */
export function QueueMeters() {
  const { data: stats } = api.queue.stats.useQuery(undefined, { refetchInterval: 60_000 });
  const [open, setOpen] = useState(false);
  if (!stats) return null;
  return (
    <>
      <button
        type="button"
        popoverTarget="queue"
        className="flex min-h-9 items-center gap-3 rounded-lg px-2 text-sm tabular-nums hover:bg-hover"
      >
        <Meter name="Running" icon={Play} value={stats.running} capacity={stats.runningCapacity} />
        <Meter name="Queued" icon={Clock} value={stats.queued} capacity={stats.queuedCapacity} />
      </button>
      <div
        id="queue"
        popover="auto"
        role="dialog"
        aria-label="Queue"
        onToggle={(event) => setOpen(event.newState === 'open')}
        className="inset-auto top-14 right-3 max-h-[min(32rem,calc(100dvh-8rem))] w-[min(24rem,calc(100vw-1.5rem))] overflow-y-auto rounded-xl border border-line-strong bg-raised text-sm text-ink shadow-2xl sm:right-6"
      >
        {open && (
          <Suspense fallback={<Skeleton label="Loading the queue" rows={2} />}>
            <QueueList />
          </Suspense>
        )}
      </div>
    </>
  );
}

function Meter({
  name,
  icon: Icon,
  value,
  capacity,
}: {
  name: string;
  icon: LucideIcon;
  value: number;
  capacity: number;
}) {
  const full = value >= capacity;
  const share = capacity > 0 ? Math.min(1, value / capacity) : 0;
  return (
    <span className="flex items-center gap-1.5">
      <Icon aria-hidden className="size-3.5 text-muted lg:hidden" />
      <span className="text-muted max-lg:sr-only">{name}</span>
      <span className={full ? 'font-medium text-warn' : value > 0 ? 'font-medium text-busy' : 'font-medium'}>
        {value}
        <span className="font-normal text-muted">/{capacity}</span>
      </span>
      <span aria-hidden className="h-1.5 w-10 overflow-hidden rounded-full bg-line max-sm:hidden">
        <span
          className={`block h-full rounded-full transition-[width] ${full ? 'bg-warn' : 'bg-busy'}`}
          style={{ width: `${100 * share}%` }}
        />
      </span>
    </span>
  );
}
