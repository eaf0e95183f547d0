import { Link } from '@tanstack/react-router';
import { pageTabClass } from '#client/ui/page-tab-class.ts';

const tabs = [
  { name: 'Overview', tab: undefined },
  { name: 'Settings', tab: 'settings' },
] as const;

/** The two parts of the page of a job. */
export function JobTabs({ jobId }: { jobId: string }) {
  return (
    <nav aria-label="Parts of the job" className="mb-5 flex border-b border-line">
      {tabs.map(({ name, tab }) => (
        <Link
          key={name}
          to="/jobs/$jobId"
          params={{ jobId }}
          search={{ tab }}
          replace
          resetScroll={false}
          activeOptions={{ exact: true, includeSearch: true }}
          className={pageTabClass}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
