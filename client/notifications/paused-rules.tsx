import { Link } from '@tanstack/react-router';
import { useMayManage } from '#client/session/use-may-manage.ts';
import { plural } from '#client/ui/format.ts';

/** Tells owners that rules are paused. */
export default function PausedRules({ count }: { count: number }) {
  if (!useMayManage()) return null;
  return (
    <p className="rounded-lg border border-warn-line bg-warn-tint px-3.5 py-2.5 text-sm text-warn">
      {plural(count, 'notification rule')} {count === 1 ? 'is' : 'are'} paused, since too many messages in a row were
      not accepted.{' '}
      <Link to="/settings/notifications" className="font-medium underline">
        See why
      </Link>
    </p>
  );
}
