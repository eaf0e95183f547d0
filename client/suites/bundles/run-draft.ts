import type { SuiteOptions } from '#shared/suites.ts';

/** What the fields of a suite's run hold: text, as it is typed. */
export interface RunDraft {
  /** A number, or `auto`. */
  shards: string;
  /** How long a run with `auto` should take. */
  wantedMinutes: string;
  /** Separated by commas; each may stand in quotes. */
  projects: string;
  grep: string;
  grepInvert: string;
  /** Separated by spaces; each may stand in quotes. */
  files: string;
  args: string;
}

export const emptyRunDraft: RunDraft = {
  shards: '1',
  wantedMinutes: '',
  projects: '',
  grep: '',
  grepInvert: '',
  files: '',
  args: '',
};

interface RunInput {
  shards: number | 'auto';
  wallTimeMs?: number;
  options: SuiteOptions;
}

/** A part of the input of `suites.run`, without what is empty. The server checks the values. */
export function toRunInput(draft: RunDraft): RunInput {
  const projects = split(draft.projects, ',');
  const files = split(draft.files, '\\s');
  const args = split(draft.args, '\\s');
  const isAuto = draft.shards.trim() === 'auto';
  return {
    shards: isAuto ? 'auto' : Number(draft.shards),
    ...(isAuto && draft.wantedMinutes.trim() !== '' && { wallTimeMs: toMs(draft.wantedMinutes) }),
    options: {
      ...(projects.length > 0 && { projects }),
      ...(draft.grep !== '' && { grep: draft.grep }),
      ...(draft.grepInvert !== '' && { grepInvert: draft.grepInvert }),
      ...(files.length > 0 && { files }),
      ...(args.length > 0 && { args }),
    },
  };
}

/** Undoes `toRunInput`. */
export function toRunDraft(run: {
  shards: number | 'auto';
  wallTimeMs: number | null;
  options: SuiteOptions;
}): RunDraft {
  const { projects = [], grep = '', grepInvert = '', files = [], args = [] } = run.options;
  return {
    shards: String(run.shards),
    wantedMinutes: run.wallTimeMs === null ? '' : String(run.wallTimeMs / 60_000),
    projects: projects.map((name) => quote(name, /,|^\s|\s$/)).join(', '),
    grep,
    grepInvert,
    files: files.map((file) => quote(file, /\s/)).join(' '),
    args: args.map((arg) => quote(arg, /\s/)).join(' '),
  };
}

export const toMs = (minutes: string) => Math.round(Number(minutes) * 60_000);

const split = (text: string, by: string) =>
  [...text.matchAll(new RegExp(`"([^"]+)"|'([^']+)'|([^${by}]+)`, 'g'))]
    .map(([, double, single, plain]) => double ?? single ?? plain!.trim())
    .filter((word) => word !== '');

function quote(word: string, separators: RegExp): string {
  if (!separators.test(word) && !/^["']/.test(word)) return word;
  return word.includes('"') ? `'${word}'` : `"${word}"`;
}
