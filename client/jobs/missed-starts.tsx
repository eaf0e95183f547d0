import { Link } from '@tanstack/react-router';
import type { Outputs } from '#client/query/trpc.ts';
import { formatTime } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { missedStartText } from '#shared/missed-start-text.ts';

/** The starts that were due and did not happen in time, with the reason; nothing where there are none. */
export function MissedStarts({ job }: { job: Outputs['jobs']['byId'] }) {
  if (job.missedStarts.length === 0) return null;
  return (
    <Section title="Missed starts">
      <ul className="divide-y divide-line text-sm">
        {job.missedStarts.map(({ dueAt, reason, details, runId }) => (
          <li key={dueAt} className="flex flex-wrap items-baseline gap-x-2 px-4 py-2.5">
            <time dateTime={dueAt} className="font-medium">
              {formatTime(dueAt, job.timezone)}
            </time>
            <span className="min-w-0 break-words text-muted">{details ?? missedStartText[reason]}</span>
            {runId !== null && (
              <Link to="/runs/$runId" params={{ runId }} className="link ml-auto">
                Made up for
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
