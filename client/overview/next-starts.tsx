import { Link } from '@tanstack/react-router';
import { Section } from '#client/ui/page.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { Overview } from './overview-page.tsx';

/** The jobs that start next by their schedules. */
export function NextStarts({ starts }: { starts: Overview['nextStarts'] }) {
  return (
    <Section title="Next starts">
      {starts.length === 0 ? (
        <p className="px-4 py-6 text-sm text-muted">No job has a schedule that is due.</p>
      ) : (
        <ol className="divide-y divide-line text-sm">
          {starts.map(({ jobId, name, at, scheduleText }) => (
            <li key={jobId} className="relative flex items-center gap-3 px-4 py-2 hover:bg-hover">
              <span className="min-w-0 flex-1">
                <Link to="/jobs/$jobId" params={{ jobId }} className="row-link block truncate font-medium">
                  {name}
                </Link>
                <span className="block truncate text-[0.8125rem] text-muted">{scheduleText}</span>
              </span>
              <span className="text-muted">
                <RelativeTime iso={at} ahead />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
