import { Link } from '@tanstack/react-router';
import { BellRing, LogOut, ScrollText, Settings } from 'lucide-react';
import { useId } from 'react';
import { Button } from '#client/ui/button.tsx';
import { chooseProject } from '#client/query/chosen-project.ts';
import { signOut } from './sign-in.ts';
import { roleText } from './role-text.ts';
import { useMe } from './use-me.ts';

const linkClass =
  'flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 text-sm text-muted hover:bg-hover hover:text-ink data-[status=active]:bg-hover data-[status=active]:text-ink [&[data-status=active]>svg]:text-accent';

/** The user's name, role, project and sign-out button. Without accounts, only links to notifications and the audit log. */
export function AccountMenu() {
  const { data: me } = useMe();
  const id = useId();
  if (!me) return null;
  if (me.kind === 'local')
    return (
      <>
        <Link to="/settings/notifications" className={linkClass}>
          <BellRing aria-hidden className="size-4" /> Notifications
        </Link>
        <Link to="/settings/audit" className={linkClass}>
          <ScrollText aria-hidden className="size-4" /> Audit log
        </Link>
      </>
    );
  return (
    <div className="space-y-2 border-t border-line pt-3">
      {me.projects.length > 1 && (
        <div>
          <label htmlFor={id} className="sr-only">
            Project
          </label>
          <select
            id={id}
            className="control text-sm"
            value={me.project.id}
            onChange={(event) => chooseProject(event.target.value)}
          >
            {me.projects.map(({ id, name, organization }) => (
              <option key={id} value={id}>
                {name === organization ? name : `${organization} / ${name}`}
              </option>
            ))}
          </select>
        </div>
      )}
      <div className="flex items-center gap-1">
        <div className="min-w-0 flex-1 px-1">
          <div className="truncate text-sm font-medium">{me.name}</div>
          <div className="truncate text-xs text-muted">{roleText[me.role].label}</div>
        </div>
        <Link
          to="/settings/account"
          aria-label="Settings"
          className="inline-flex size-9 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-ink"
        >
          <Settings aria-hidden className="size-[1.125rem]" />
        </Link>
        <Button variant="ghost" size="icon" aria-label="Sign out" onClick={() => void signOut(me.kind)}>
          <LogOut aria-hidden className="size-[1.125rem]" />
        </Button>
      </div>
    </div>
  );
}
