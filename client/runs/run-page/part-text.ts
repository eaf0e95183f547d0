import type { RunOrigin } from '#shared/events.ts';
import { formatElapsed } from '#client/ui/format.ts';
import type { PartState } from '#shared/run-cases.ts';
import { isTerminal } from '#shared/run-status.ts';

/** If the server does not say whether a part is silent, it is shown as silent after this time without a heartbeat, in ms. */
const silentAfterMs = 20_000;

/** True while the worker or reporter of a part sends no signs of life. For parts of suites, the server decides this. */
export function isSilent({ status, silent, heartbeatAt }: PartState, now: number): boolean {
  if (isTerminal(status)) return false;
  return silent ?? (heartbeatAt !== null && now - Date.parse(heartbeatAt) > silentAfterMs);
}

/** Why a part needs attention, in two or three words; null if it does not. */
export function troubleOf(part: PartState, live: boolean, now: number): string | null {
  if (part.status === 'error') return part.errorCode === 'parts_missing' ? 'Never came' : 'Lost';
  if (!live || !isSilent(part, now) || part.heartbeatAt === null) return null;
  return `Silent since ${timeText(part.heartbeatAt)}`;
}

interface PartContext {
  /** Parts of the run. */
  count: number;
  live: boolean;
  now: number;
  origin: RunOrigin;
}

/** The same in a sentence, with the way out. */
export function noteOf(part: PartState, { count, live, now, origin }: PartContext): string | null {
  const { executor, errorDetails, heartbeatAt } = part;
  const who = count > 1 ? `Shard ${part.part + 1}` : `The ${origin}`;
  const where = executor ? `${who} (${executor})` : who;
  if (part.status === 'error' && count > 1) {
    const why = errorDetails?.split('\n', 1)[0];
    return why ? `${where}: ${why}` : `${where} has no result.`;
  }
  if (!live || !isSilent(part, now) || heartbeatAt === null) return null;
  const span = formatElapsed(Math.max(0, now - Date.parse(heartbeatAt)));
  return `${where} has been silent since ${timeText(heartbeatAt)} (${span}). Without a sign of life for ${origin === 'worker' ? '25 s' : 'a minute'} it counts as lost.`;
}

/** `Waiting for shards 3 and 4 of 4`; null if all have come. */
export function waitingText(parts: readonly PartState[]): string | null {
  const numbers = parts.filter(({ status }) => status === 'queued').map(({ part }) => part + 1);
  if (parts.length < 2 || numbers.length === 0) return null;
  const last = numbers.at(-1);
  const listed = numbers.length === 1 ? `shard ${last}` : `shards ${numbers.slice(0, -1).join(', ')} and ${last}`;
  return `Waiting for ${listed} of ${parts.length}`;
}

const timeText = (iso: string) =>
  new Date(iso).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
