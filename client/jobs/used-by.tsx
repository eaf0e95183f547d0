import type { ComponentProps } from 'react';
import { JobLink } from './job-link.tsx';

/** The jobs that use a test or a suite, with the status of each; nothing where there are none. */
export function UsedBy({ jobs }: { jobs: readonly ComponentProps<typeof JobLink>['job'][] }) {
  if (jobs.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
      <span className="text-muted">Used by</span>
      {jobs.map((job) => (
        <JobLink key={job.id} job={job} />
      ))}
    </div>
  );
}
