import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { useHotkey } from '#client/ui/use-hotkey.ts';
import { type ApiError, fieldErrors, isConcurrentChange } from './api-error.ts';
import { type Draft, useDraft } from './use-draft.ts';

interface Editable<T> {
  /** The values on the server, and their version: a text that sorts after all earlier ones, such as an ISO-8601 time. */
  stored: T;
  version: string;
  /** Nothing can be saved or run. */
  readOnly: boolean;
  /** Stores the draft if the server still has `version`, and returns the values stored then. */
  store: (draft: T, version: string) => Promise<{ stored: T; version: string }>;
  /** Loads the values that another user has stored. */
  reload: () => Promise<unknown>;
  /** Starts a run of the stored values, or of the cases that begin in a line of them. */
  start: (line?: number) => unknown;
  starting: boolean;
}

export interface Editor<T> extends Omit<Draft<T>, 'onSaved'> {
  /** The server's complaints about the last attempt to save: by field, and as a whole. */
  fieldErrors: Record<string, string>;
  error: ApiError | null;
  saving: boolean;
  /** The draft has been saved since the page was opened. */
  saved: boolean;
  /** The draft is being saved, or a run started. */
  busy: boolean;
  save: () => void;
  /** Saves first if there are edits. Does not run if that fails. `line`: only the cases that begin there, 1-based. */
  run: (line?: number) => void;
  isUnsaved: () => boolean;
  /** From now on the page can be left without a question. */
  abandon: () => void;
}

/**
 * Edits a test or job that other users may edit at the same time. Ctrl or Cmd with S saves, with Enter runs. Nothing is
 * saved while there is a conflict.
 */
export function useEditor<T extends object>(editable: Editable<T>): Editor<T> {
  const { stored, version, readOnly, store, reload, start, starting } = editable;
  const { onSaved, ...draft } = useDraft(stored, version);
  const update = useMutation<{ stored: T; version: string }, ApiError, T>({
    mutationFn: (sent) => store(sent, version),
  });
  const abandoned = useRef(false);
  const busy = update.isPending || starting;

  /** True if the draft is stored. */
  const save = async (): Promise<boolean> => {
    if (!draft.dirty) return true;
    if (draft.conflict || readOnly) return false;
    try {
      const result = await update.mutateAsync(draft.draft);
      onSaved(draft.draft, result.stored, result.version);
      return true;
    } catch (error) {
      if (isConcurrentChange(error as ApiError)) await reload();
      return false;
    }
  };
  const run = async (line?: number) => {
    if (!busy && !readOnly && (await save())) await start(line);
  };
  useHotkey('s', () => void (busy || save()));
  useHotkey('Enter', () => void run());

  return {
    ...draft,
    fieldErrors: fieldErrors(update.error),
    error: update.error,
    saving: update.isPending,
    saved: update.isSuccess,
    busy,
    save: () => void save(),
    run: (line) => void run(line),
    isUnsaved: () => draft.dirty && !abandoned.current,
    abandon: () => (abandoned.current = true),
  };
}
