import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { pageTabClass } from '#client/ui/page-tab-class.ts';

const tabs = [
  { name: 'Overview', tab: undefined },
  { name: 'Runs', tab: 'runs' },
  { name: 'Cases', tab: 'cases' },
  { name: 'Bundles', tab: 'bundles' },
] as const;

/** The parts of the page of a suite, with what filters them on the right. */
export function SuiteTabs({
  suiteId,
  branch,
  children,
}: {
  suiteId: string;
  branch: string | undefined;
  children: ReactNode;
}) {
  return (
    <div className="mb-5 flex flex-wrap-reverse items-start justify-between gap-x-4 gap-y-2 border-b border-line">
      <nav aria-label="Parts of the suite" className="flex">
        {tabs.map(({ name, tab }) => (
          <Link
            key={name}
            to="/suites/$suiteId"
            params={{ suiteId }}
            search={{ tab, branch }}
            replace
            resetScroll={false}
            activeOptions={{ exact: true, includeSearch: true }}
            className={pageTabClass}
          >
            {name}
          </Link>
        ))}
      </nav>
      <div className="pb-1.5 max-sm:w-full">{children}</div>
    </div>
  );
}
