import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Loaded } from '#client/query/loaded.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { api } from '#client/query/trpc.ts';
import { plural } from '#client/ui/format.ts';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';

/** Running and waiting runs, in order. The activity feed refreshes the list. */
export function QueueList() {
  const query = api.queue.list.useQuery(undefined, { staleTime: 0 });
  return (
    <Loaded query={query} what="queue">
      {({ running, queued }) => (
        <>
          <Group title="Running" none="Nothing is running.">
            {running.map((run) => (
              <Row key={run.id} run={run} mark={<span className="size-2 animate-pulse rounded-full bg-busy" />}>
                <RunDuration run={run} />
              </Row>
            ))}
          </Group>
          <Group title="Waiting" none="Nothing is waiting.">
            {queued.map((run) => (
              <Row key={run.id} run={run} mark={<Position position={run.position} />}>
                <RelativeTime iso={run.queuedAt} />
              </Row>
            ))}
          </Group>
          <p className="border-t border-line px-4 py-2.5 text-muted">
            <Link to="/workers" className="link underline" onClick={closePopover}>
              Workers
            </Link>{' '}
            take {queued.length > 0 ? `these ${plural(queued.length, 'run')}` : 'runs'} in this order.
          </p>
        </>
      )}
    </Loaded>
  );
}

function Group({ title, none, children }: { title: string; none: string; children: ReactNode[] }) {
  return (
    <section aria-label={title} className="border-t border-line first:border-t-0">
      <h2 className="px-4 pt-3 pb-1 text-xs font-medium text-muted">{title}</h2>
      {children.length === 0 ? <p className="px-4 pb-3">{none}</p> : <ol className="pb-1.5">{children}</ol>}
    </section>
  );
}

function Row({ run, mark, children }: { run: RunSummary; mark: ReactNode; children: ReactNode }) {
  return (
    <li className="relative flex items-center gap-3 px-4 py-2 hover:bg-hover">
      <span className="flex w-6 shrink-0 justify-center">{mark}</span>
      <Link
        to="/runs/$runId"
        params={{ runId: run.id }}
        className="row-link min-w-0 flex-1 truncate font-medium"
        onClick={closePopover}
      >
        {run.name}
      </Link>
      <span className="text-muted">{children}</span>
    </li>
  );
}

function Position({ position }: { position: number }) {
  return (
    <>
      <span className="sr-only">Position </span>
      <span className="text-muted tabular-nums">{position}</span>
    </>
  );
}

function closePopover({ currentTarget }: { currentTarget: HTMLElement }) {
  currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
}
