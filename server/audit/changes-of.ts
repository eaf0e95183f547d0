import type { AuditDetails } from '#shared/audit.ts';

type Plain = string | number | boolean | null;

/**
 * The fields that differ, for the details of an audit event; undefined when none does. Long and secret fields are named in
 * `hidden`: the event says that they changed, without their values.
 */
export function changesOf<T extends Record<keyof T, Plain>>(
  before: T,
  after: { [K in keyof T]?: T[K] | undefined },
  hidden: readonly (keyof T)[] = [],
): AuditDetails['changes'] {
  const changed = (Object.keys(after) as (keyof T & string)[]).filter(
    (name) => after[name] !== undefined && after[name] !== before[name],
  );
  if (changed.length === 0) return undefined;
  return Object.fromEntries(
    changed.map((name) => [name, hidden.includes(name) ? null : { from: before[name], to: after[name]! }]),
  );
}
