import { useState } from 'react';

interface Edits<T> {
  changes: Partial<T>;
  /** What was stored when the first of them was made, or when they were last held against it. */
  base: T;
  version: string;
}

interface Draft<T> {
  /** What is stored with the edits on top: parts that were not edited follow what others store. */
  draft: T;
  dirty: boolean;
  /** Somebody else has changed a part that is edited here. */
  conflict: boolean;
  edit: (change: Partial<T>) => void;
  /** Ends a conflict in favour of the edits, which are then on top of what is stored now. */
  keepMine: () => void;
  /** Ends all edits in favour of what is stored now. */
  takeTheirs: () => void;
  /** Call it when `sent` has been stored as `result`; what was edited meanwhile stays an edit. */
  onSaved: (sent: T, result: T, version: string) => void;
}

/**
 * Edits of something that is stored and that others may edit at the same time. `T` is plain data; `version` is a text that
 * sorts after all earlier ones, such as an ISO-8601 time.
 */
export function useDraft<T extends object>(stored: T, version: string): Draft<T> {
  const [edits, setEdits] = useState<Edits<T> | null>(null);
  const changed = edits
    ? (Object.keys(edits.changes) as (keyof T)[]).filter((key) => !isSame(edits.changes[key], stored[key]))
    : [];
  // What was saved comes back as what is stored: then nothing is left of the edits.
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

/** Edits that have been saved, as they are now stored: a name, for instance, is stored without the spaces around it. */
function settle<T extends object>(changes: Partial<T>, sent: T, result: T): Partial<T> {
  const settled = { ...changes };
  for (const key of Object.keys(changes) as (keyof T)[]) {
    if (isSame(changes[key], sent[key])) settled[key] = result[key];
  }
  return settled;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return JSON.stringify(a) === JSON.stringify(b);
}
