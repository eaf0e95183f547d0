import { Link } from '@tanstack/react-router';
import { Clock, Play, type LucideIcon } from 'lucide-react';
import { api } from '#client/trpc.ts';

/** How full the queue is; leads to those who empty it. The activity feed refreshes it; a stream of its own would be the page's third. */
export function QueueStats() {
  const { data: stats } = api.queue.stats.useQuery(undefined, { refetchInterval: 60_000 });
  if (!stats) return null;
  return (
    <Link to="/workers" className="-mx-2 flex min-h-11 items-center rounded-lg px-2 hover:bg-hover">
      <span className="sr-only">Workers, </span>
      <dl aria-label="Queue" className="flex items-center gap-3 text-sm tabular-nums">
        <Gauge name="Running" icon={Play} value={stats.running} capacity={stats.runningCapacity} />
        <Gauge name="Queued" icon={Clock} value={stats.queued} capacity={stats.queuedCapacity} />
      </dl>
    </Link>
  );
}

function Gauge({
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
  return (
    <div className="flex items-center gap-1.5" title={`${name}: ${value} of at most ${capacity}`}>
      <dt className="text-muted">
        <Icon aria-hidden className="size-3.5 sm:hidden" />
        <span className="max-sm:sr-only">{name}</span>
      </dt>
      <dd className={full ? 'font-medium text-warn' : value > 0 ? 'font-medium text-busy' : 'font-medium'}>
        {value}
        <span className="font-normal text-muted">/{capacity}</span>
      </dd>
    </div>
  );
}
