import { useState } from 'react';

interface Edits<T> {
  changes: Partial<T>;
  /** What was stored when the first of them was made, or when they were last held against it. */
  base: T;
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
  onSaved: (sent: T, result: T) => void;
}

/** Edits of something that is stored and that others may edit at the same time; `T` is plain data. */
export function useDraft<T extends object>(stored: T): Draft<T> {
  const [edits, setEdits] = useState<Edits<T> | null>(null);
  const edited = edits ? (Object.keys(edits.changes) as (keyof T)[]) : [];
  const draft = edits ? { ...stored, ...edits.changes } : stored;
  return {
    draft,
    dirty: edited.some((key) => !isSame(draft[key], stored[key])),
    conflict:
      edits !== null && edited.some((key) => !isSame(stored[key], edits.base[key]) && !isSame(stored[key], draft[key])),
    edit: (change) => setEdits((now) => ({ changes: { ...now?.changes, ...change }, base: now?.base ?? stored })),
    keepMine: () => setEdits((now) => now && { ...now, base: stored }),
    takeTheirs: () => setEdits(null),
    onSaved: (sent, result) =>
      setEdits((now) => {
        const later = Object.entries(now?.changes ?? {}).filter(([key, value]) => !isSame(value, sent[key as keyof T]));
        return later.length === 0 ? null : { changes: Object.fromEntries(later) as Partial<T>, base: result };
      }),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return JSON.stringify(a) === JSON.stringify(b);
}
