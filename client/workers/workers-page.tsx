import { Link } from '@tanstack/react-router';
import { ServerOff } from 'lucide-react';
import { Loaded } from '#client/loaded.tsx';
import { LostStream } from '#client/runs/lost-stream.tsx';
import { plural } from '#client/ui/format.ts';
import { PageHeader } from '#client/ui/page.tsx';
import { EmptyState } from '#client/ui/states.tsx';
import { Elapsed, RelativeTime } from '#client/ui/time.tsx';
import type { WorkerPresence } from '#shared/events.ts';
import { useLiveWorkers } from './use-live-workers.ts';

type Worker = WorkerPresence['items'][number];

/** Who executes runs, and which. */
export function WorkersPage() {
  const { query, lost, reconnect } = useLiveWorkers();
  return (
    <>
      <PageHeader title="Workers" />
      {lost && <LostStream onReconnect={reconnect} />}
      <div className="@container card overflow-hidden">
        <Loaded query={query} what="workers" rows={2}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState icon={<ServerOff />} title="No worker is running">
                <p>
                  Runs wait in the queue until one is. Start one with <code className="font-mono">ROLES=worker</code>.
                </p>
              </EmptyState>
            ) : (
              <WorkerTable workers={items} />
            )
          }
        </Loaded>
      </div>
    </>
  );
}

function WorkerTable({ workers }: { workers: readonly Worker[] }) {
  return (
    <table className="w-full table-fixed text-sm" aria-label="Workers">
      <thead className="text-left text-xs text-muted">
        <tr className="border-b border-line">
          <th scope="col" className="px-4 py-2.5 font-medium">
            Worker
          </th>
          <th scope="col" className="px-2 py-2.5 font-medium">
            Runs now
          </th>
          <th scope="col" className="hidden w-24 px-2 py-2.5 font-medium @2xl:table-cell">
            Version
          </th>
          <th scope="col" className="hidden w-28 px-2 py-2.5 text-right font-medium @lg:table-cell">
            Started
          </th>
          <th scope="col" className="w-26 py-2.5 pr-4 pl-2 text-right font-medium">
            Last beat
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {workers.map((worker) => (
          <tr key={worker.id} className="align-top">
            <td className="px-4 py-3">
              <span className="line-clamp-2 font-medium break-words">{worker.host}</span>
              <span className="text-muted">
                Process {worker.pid}, {plural(worker.concurrency, 'run')} at once
              </span>
            </td>
            <td className="px-2 py-3">
              {worker.runs.map(({ runId, name }) => (
                <Link key={runId} to="/runs/$runId" params={{ runId }} className="link line-clamp-2 break-words">
                  {name}
                </Link>
              ))}
              {worker.runs.length === 0 && <span className="text-muted">Idle</span>}
            </td>
            <td className="hidden truncate px-2 py-3 text-muted @2xl:table-cell">{worker.version}</td>
            <td className="hidden px-2 py-3 text-right text-muted @lg:table-cell">
              <RelativeTime iso={worker.startedAt} />
            </td>
            <td className="py-3 pr-4 pl-2 text-right whitespace-nowrap text-muted">
              <Elapsed since={worker.beatAt} /> ago
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
