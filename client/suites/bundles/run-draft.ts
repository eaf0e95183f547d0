import type { SuiteOptions } from '#shared/suites.ts';

/** What the form of a run holds: text, as it is typed. */
export interface RunDraft {
  shards: string;
  minutes: string;
  /** Separated by commas. */
  projects: string;
  grep: string;
  /** Separated by spaces. */
  files: string;
  args: string;
}

export const emptyRunDraft: RunDraft = { shards: '1', minutes: '', projects: '', grep: '', files: '', args: '' };

/** The input of `suites.run`, without what is empty. The server checks the values. */
export function toRunInput(draft: RunDraft): { shards: number; timeoutMs?: number; options: SuiteOptions } {
  const words = (text: string, by: RegExp) =>
    text
      .split(by)
      .map((word) => word.trim())
      .filter((word) => word !== '');
  const projects = words(draft.projects, /,/);
  const files = words(draft.files, /\s/);
  const args = words(draft.args, /\s/);
  return {
    shards: Number(draft.shards),
    ...(draft.minutes.trim() !== '' && { timeoutMs: Number(draft.minutes) * 60_000 }),
    options: {
      ...(projects.length > 0 && { projects }),
      ...(draft.grep !== '' && { grep: draft.grep }),
      ...(files.length > 0 && { files }),
      ...(args.length > 0 && { args }),
    },
  };
}
