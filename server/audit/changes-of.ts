import type { AuditDetails } from '#shared/audit.ts';

type Plain = string | number | boolean | null;

/**
 * Which of the fields differ, for the details of an event. What is not to be written down, because it is long or secret, is
 * named in `hidden`: of it, only that it changed is told. Undefined when nothing differs.
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
