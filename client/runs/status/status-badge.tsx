import { Badge } from '#client/ui/badge.tsx';
import type { StreamStatus } from '#shared/run-status.ts';
import { statusLook } from './status-look.ts';

/** `compact`: where the window is narrow, only the icon is visible. */
export function StatusBadge({ status, compact = false }: { status: StreamStatus; compact?: boolean }) {
  const { label, tone, icon: Icon } = statusLook[status];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className={`size-3.5 ${status === 'running' ? 'animate-spin' : ''}`} />}>
      <span className={compact ? '@max-xl:sr-only' : undefined}>{label}</span>
    </Badge>
  );
}
