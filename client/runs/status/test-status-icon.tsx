import { toneText } from '#client/ui/badge.tsx';
import { type ShownTestStatus, testStatusLook } from './status-look.ts';

/** Status of a test or step as an icon, with its name for screen readers. */
export function TestStatusIcon({ status }: { status: ShownTestStatus }) {
  const { label, tone, icon: Icon } = testStatusLook[status];
  return (
    <span title={label} className={`inline-flex shrink-0 ${toneText[tone]}`}>
      <Icon aria-hidden className={`size-4 ${status === 'running' ? 'animate-spin' : ''}`} />
      <span className="sr-only">{label}:</span>
    </span>
  );
}
