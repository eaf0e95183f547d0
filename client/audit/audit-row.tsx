import { Link, linkOptions } from '@tanstack/react-router';
import {
  CalendarClock,
  KeyRound,
  Link2,
  ListFilter,
  Server,
  ShieldAlert,
  UserRound,
  type LucideIcon,
} from 'lucide-react';
import { Badge } from '#client/ui/badge.tsx';
import { buttonClass } from '#client/ui/button.tsx';
import type { RowPlace } from '#client/ui/long-table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { ActorKind } from '#shared/audit.ts';
import { type AuditEvent, detailsOf, sentenceOf } from './audit-text.ts';

const actorIcons: Record<ActorKind, LucideIcon> = {
  user: UserRound,
  key: KeyRound,
  link: Link2,
  token: UserRound,
  schedule: CalendarClock,
  system: Server,
  anonymous: ShieldAlert,
};

/** The row of one event: actor, action, target, address and time. */
export function AuditRow({ event, place }: { event: AuditEvent; place: RowPlace }) {
  const { verb } = sentenceOf(event);
  const details = detailsOf(event).join(' · ');
  const Icon = actorIcons[event.actorKind];
  return (
    <tr {...place} className="align-top hover:bg-hover">
      <td className="py-3 pr-2 pl-4">
        <div className="flex gap-2">
          <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
          <div className="min-w-0 break-words">
            <Link
              to="/settings/audit"
              search={(search: object) => ({ ...search, who: event.actorId })}
              title={`Only actions of ${event.actorName}`}
              className="font-medium hover:underline"
            >
              <bdi>{event.actorName}</bdi>
            </Link>{' '}
            <span className="text-muted">{verb}</span> <Target event={event} />{' '}
            {event.outcome === 'refused' && <Badge tone="warn">Refused</Badge>}
            {details && <div className="mt-0.5 max-w-prose text-muted">{details}</div>}
            <div className="mt-0.5 text-muted @xl:hidden">
              <RelativeTime iso={event.at} />
              {event.address && `, from ${event.address}`}
            </div>
          </div>
        </div>
      </td>
      <td className="hidden px-2 py-3 text-muted tabular-nums @xl:table-cell">
        <span className="block truncate" title={event.address ?? undefined}>
          {event.address}
        </span>
      </td>
      <td className="hidden px-2 py-3 text-right text-muted @xl:table-cell">
        <RelativeTime iso={event.at} />
      </td>
      <td className="py-1.5 pr-2.5 text-right">
        {event.targetId !== null && (
          <Link
            to="/settings/audit"
            search={{ target: event.targetId }}
            aria-label={`Only actions on ${event.targetName}`}
            title="Only actions on this target"
            className={buttonClass('ghost', 'icon')}
          >
            <ListFilter aria-hidden className="size-4" />
          </Link>
        )}
      </td>
    </tr>
  );
}

function Target({ event }: { event: AuditEvent }) {
  const { target } = sentenceOf(event);
  if (target === null) return null;
  if (event.targetKind === 'procedure') return <code className="break-all">{target}</code>;
  const name = <bdi>{target}</bdi>;
  const page = pageOf(event);
  if (!page) return <span className="font-medium">{name}</span>;
  return (
    <Link {...page} className="font-medium underline decoration-line-strong underline-offset-3 hover:decoration-ink">
      {name}
    </Link>
  );
}

/** The page of the target, if it has one. */
function pageOf({ targetKind, targetId: id }: AuditEvent) {
  if (targetKind === 'variable') return linkOptions({ to: '/settings/variables' });
  if (targetKind === 'notification') return linkOptions({ to: '/settings/notifications' });
  if (id === null) return undefined;
  switch (targetKind) {
    case 'test':
      return linkOptions({ to: '/tests/$testId', params: { testId: id } });
    case 'job':
      return linkOptions({ to: '/jobs/$jobId', params: { jobId: id } });
    case 'run':
      return linkOptions({ to: '/runs/$runId', params: { runId: id } });
    default:
      return undefined;
  }
}
