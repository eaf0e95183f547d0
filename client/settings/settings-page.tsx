import { Link } from '@tanstack/react-router';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { PageHeader } from '#client/ui/page.tsx';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { useMe } from '#client/session/use-me.ts';

const sections = [
  { to: '/settings/account', label: 'Your account', ownersOnly: false },
  { to: '/settings/members', label: 'Members', ownersOnly: false },
  { to: '/settings/keys', label: 'API keys', ownersOnly: true },
  { to: '/settings/projects', label: 'Projects', ownersOnly: false },
  { to: '/settings/tests', label: 'Test settings', ownersOnly: false },
  { to: '/settings/notifications', label: 'Notifications', ownersOnly: true },
  { to: '/settings/audit', label: 'Audit log', ownersOnly: true },
] as const;

/** The shell of the settings pages: title and navigation. */
export function SettingsPage({
  title,
  needsAccounts = true,
  actions,
  children,
}: {
  title: string;
  /** Without accounts, the page shows how to enable them instead. */
  needsAccounts?: boolean;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const me = useMe();
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader title={title} above={me.data && `Settings of ${me.data.project.name}`}>
        {actions}
      </PageHeader>
      {me.data?.kind === 'local' && needsAccounts ? (
        <p className="card p-5 text-muted">
          This Runlight has no accounts: its access token gives full access. To use accounts, set <code>BASE_URL</code>{' '}
          and <code>AUTH_SECRET</code> and restart it.
        </p>
      ) : (
        <>
          {me.data?.kind !== 'local' && <SettingsNavigation />}
          <div className="space-y-5">{children}</div>
        </>
      )}
    </div>
  );
}

function SettingsNavigation() {
  const isOwner = useMayManage();
  const navigation = useRef<HTMLElement>(null);
  // If not all sections fit, the current one is scrolled into view. Sections for owners appear once the role is known.
  useLayoutEffect(() => {
    const current = navigation.current?.querySelector('[aria-current=page]');
    current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [isOwner]);
  return (
    <nav ref={navigation} aria-label="Settings" className="mb-5 flex gap-1 overflow-x-auto border-b border-line">
      {sections
        .filter(({ ownersOnly }) => isOwner || !ownersOnly)
        .map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            className="relative flex min-h-10 shrink-0 items-center px-3 text-sm font-medium text-muted hover:text-ink focus-visible:-outline-offset-2 data-[status=active]:text-ink data-[status=active]:after:absolute data-[status=active]:after:inset-x-3 data-[status=active]:after:bottom-0 data-[status=active]:after:h-0.5 data-[status=active]:after:bg-lamp"
          >
            {label}
          </Link>
        ))}
    </nav>
  );
}
