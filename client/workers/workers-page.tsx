import { Link } from '@tanstack/react-router';
import { ServerOff } from 'lucide-react';
import { Loaded } from '#client/query/loaded.tsx';
import { LostStream } from '#client/live/lost-stream.tsx';
import { plural } from '#client/ui/format.ts';
import { PageHeader } from '#client/ui/page.tsx';
import { EmptyState } from '#client/ui/states.tsx';
import { Table } from '#client/ui/table.tsx';
import { Elapsed, RelativeTime } from '#client/ui/time.tsx';
import type { WorkerPresence } from '#shared/queue.ts';
import { useLiveWorkers } from './use-live-workers.ts';

type Worker = WorkerPresence['items'][number];

/** The workers and the runs that they execute. */
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
                  Runs wait in the queue until a worker is running. Start one with{' '}
                  <code className="font-mono">ROLES=worker</code>.
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
    <Table
      label="Workers"
      columns={[
        { head: 'Worker' },
        { head: 'Runs now' },
        { head: 'Version', className: 'hidden w-24 @2xl:table-cell' },
        { head: 'Started', className: 'hidden w-28 text-right @lg:table-cell' },
        { head: 'Last seen', className: 'w-32 text-right' },
      ]}
    >
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
    </Table>
  );
}
