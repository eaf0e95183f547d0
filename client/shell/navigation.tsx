import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Link } from '@tanstack/react-router';
import { CalendarClock, FlaskConical, FolderGit2, History, House, KeyRound, Server } from 'lucide-react';

const allSections = [
  { to: '/', label: 'Overview', icon: House },
  { to: '/runs', label: 'Runs', icon: History },
  { to: '/suites', label: 'Suites', icon: FolderGit2 },
  { to: '/tests', label: 'Tests', icon: FlaskConical },
  { to: '/jobs', label: 'Jobs', icon: CalendarClock },
  { to: '/settings/variables', label: 'Variables', icon: KeyRound },
  { to: '/workers', label: 'Workers', icon: Server },
] as const;

/** The sections of the app that the user may open. */
export function useSections() {
  const mayEdit = useMayEdit();
  return allSections.filter(({ to }) => mayEdit || to !== '/settings/variables');
}

/** Links to the app's sections: a column in the sidebar, a bar at the bottom on phones, where variables are in the menu. */
export function Navigation() {
  const sections = useSections();
  return (
    <nav aria-label="Main" className="flex md:flex-col md:gap-0.5">
      {sections.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === '/' }}
          className={`${to === '/settings/variables' ? 'max-md:hidden' : ''} flex items-center gap-2.5 rounded-lg font-medium text-muted hover:text-ink focus-visible:-outline-offset-2 data-[status=active]:text-ink max-md:min-h-14 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:text-xs md:min-h-9 md:px-2.5 md:hover:bg-hover md:data-[status=active]:bg-hover [&[data-status=active]>svg]:text-accent`}
        >
          <Icon aria-hidden className="size-[1.125rem]" />
          {label}
        </Link>
      ))}
    </nav>
  );
}
