import type { AuditEvent } from './audit-text.ts';

/** The events as CSV (RFC 4180). */
export function toCsv(events: readonly AuditEvent[]): string {
  const head = ['at', 'actor_kind', 'actor_id', 'actor_name', 'address', 'action', 'outcome', 'count'];
  const lines = events.map((event) => [
    event.at,
    event.actorKind,
    event.actorId,
    event.actorName,
    event.address ?? '',
    event.action,
    event.outcome,
    String(event.count),
    event.targetKind,
    event.targetId ?? '',
    event.targetName,
    JSON.stringify(event.details),
  ]);
  return [[...head, 'target_kind', 'target_id', 'target_name', 'details'], ...lines]
    .map((cells) => `${cells.map(quote).join(',')}\r\n`)
    .join('');
}

/** Quotes a cell. Users choose names, so a name that a spreadsheet would run as a formula gets an apostrophe. */
function quote(cell: string): string {
  const plain = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
