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
  { to: '/settings/audit', label: 'Audit log', ownersOnly: true },
] as const;

/** What the pages about people and keys have in common. */
export function SettingsPage({
  title,
  needsAccounts = true,
  actions,
  children,
}: {
  title: string;
  /** Without accounts, there is nothing to show. */
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
          This Runlight has no accounts: whoever has its access token may do everything. To let others in, set{' '}
          <code>BASE_URL</code> and <code>AUTH_SECRET</code> and start it again.
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
  // Where not all sections fit, the open one is in sight; those of owners come when it is known who asks.
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
