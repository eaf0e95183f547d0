import type { AuditDetails } from '#shared/audit.ts';
import { listSettings, type TestSettings } from '#shared/test-settings.ts';

/** The settings that differ, by names such as `use.baseURL`, for the details of an audit event. */
export function changesOfSettings(before: TestSettings, after: TestSettings): NonNullable<AuditDetails['changes']> {
  const from = listSettings(before);
  const to = listSettings(after);
  const changed = Object.keys({ ...from, ...to }).filter((name) => from[name] !== to[name]);
  return Object.fromEntries(changed.map((name) => [name, { from: from[name] ?? null, to: to[name] ?? null }]));
}
