import { createHash } from 'node:crypto';

/**
 * A short id made of a value's JSON: equal values have the same id in every process, whatever the order of their keys.
 * For states that have no version.
 */
export function contentId(value: unknown): string {
  const json = JSON.stringify(value, sortKeys) ?? '';
  return createHash('sha256').update(json).digest('base64url').slice(0, 16);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
