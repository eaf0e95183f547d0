import { useState } from 'react';
import { hasSameLines } from '#client/ui/line-ends.ts';

interface Edits<T> {
  changes: Partial<T>;
  /** The stored values when the first edit was made, or when the last conflict was settled. */
  base: T;
  version: string;
}

export interface Draft<T> {
  /** The stored values with the edits on top. Parts that are not edited follow other users' changes. */
  draft: T;
  dirty: boolean;
  /** Another user has changed a part that is edited here. */
  conflict: boolean;
  edit: (change: Partial<T>) => void;
  /** Ends a conflict: the edits stay, on top of the values stored now. */
  keepMine: () => void;
  /** Ends a conflict: the edits go. */
  takeTheirs: () => void;
  /** Call it when `sent` has been stored as `result`. Edits made since `sent` stay edits. */
  onSaved: (sent: T, result: T, version: string) => void;
}

/**
 * Edits of something that is stored and that other users may edit at the same time. `T` is plain data; `version` is a
 * text that sorts after all earlier ones, such as an ISO-8601 time.
 */
export function useDraft<T extends object>(stored: T, version: string): Draft<T> {
  const [edits, setEdits] = useState<Edits<T> | null>(null);
  const changed = edits
    ? (Object.keys(edits.changes) as (keyof T)[]).filter((key) => !isSame(edits.changes[key], stored[key]))
    : [];
  // After a save, the stored values equal the edits.
  if (edits && changed.length === 0) setEdits(null);
  return {
    draft: edits ? { ...stored, ...edits.changes } : stored,
    dirty: changed.length > 0,
    conflict: edits !== null && version > edits.version && changed.some((key) => !isSame(stored[key], edits.base[key])),
    edit: (change) =>
      setEdits((now) => ({
        changes: { ...now?.changes, ...change },
        base: now?.base ?? stored,
        version: now?.version ?? version,
      })),
    keepMine: () => setEdits((now) => now && { ...now, base: stored, version }),
    takeTheirs: () => setEdits(null),
    onSaved: (sent, result, version) =>
      setEdits((now) => now && { changes: settle(now.changes, sent, result), base: result, version }),
  };
}

/** Replaces edits that were sent by what the server stored: it trims a name, for instance. */
function settle<T extends object>(changes: Partial<T>, sent: T, result: T): Partial<T> {
  const settled = { ...changes };
  for (const key of Object.keys(changes) as (keyof T)[]) {
    if (isSame(changes[key], sent[key])) settled[key] = result[key];
  }
  return settled;
}

function isSame(a: unknown, b: unknown): boolean {
  // Line ends are no one's edit.
  if (typeof a === 'string' && typeof b === 'string') return hasSameLines(a, b);
  return JSON.stringify(a) === JSON.stringify(b);
}
