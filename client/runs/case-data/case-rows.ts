import type { CaseInfo, CaseList } from './case-list.ts';
import { isFailureKind, kindOf } from './case-kind.ts';
import type { CaseKind } from './list-options.ts';
import type { Grouping } from './list-options.ts';
import type { RunCases } from './run-cases.ts';
import type { CaseFilter } from './case-search.ts';

interface RowPlace {
  /** Unique among the rows. */
  key: string;
  /** From 1. */
  level: number;
}

/** A line of the list: a heading that can be folded, or a case. */
export type CaseRow =
  | (RowPlace & {
      type: 'heading';
      /** `pinned`: Running and Failed, above the rest of a live run. */
      of: 'pinned' | 'file' | 'describe' | 'error' | 'shard';
      label: string;
      /** Under it, also while it is folded. */
      indexes: readonly number[];
      open: boolean;
    })
  | (RowPlace & {
      type: 'case';
      index: number;
      /** Where the case stands, if the headings above do not say it. */
      context?: string;
    });

export interface RowOptions {
  grouping: Grouping;
  /** Undefined: all. */
  filter: CaseFilter | undefined;
  /** What the reader has opened or folded, by key. */
  folds: ReadonlyMap<string, boolean>;
  /** Whether headings are open that the reader has not touched. */
  openByDefault: (of: string, indexes: readonly number[]) => boolean;
  /** The run goes on: running and failed cases stand above all others. */
  live: boolean;
  /** Cases with the same error, the most frequent first. */
  errors: readonly { fingerprint: string; message: string; indexes: readonly number[] }[];
}

/** At most this many running cases are pinned. */
const mostPinned = 50;

/** The list as rows, without those under folded headings. */
export function caseRows({ cases }: CaseList, { states }: RunCases, options: RowOptions): CaseRow[] {
  const { grouping, filter, live, errors } = options;
  const kind = (index: number): CaseKind => kindOf(states[index]);
  const shown = cases.filter(
    (info): info is CaseInfo => info !== undefined && (filter?.(info, kind(info.index)) ?? true),
  );
  const rows: CaseRow[] = [];
  const heading = (
    of: 'pinned' | 'file' | 'describe' | 'error' | 'shard',
    key: string,
    label: string,
    level: number,
    indexes: number[],
  ) => {
    const open = options.folds.get(key) ?? (of === 'pinned' || of === 'describe' || options.openByDefault(of, indexes));
    rows.push({ type: 'heading', of, key, level, label, indexes, open });
    return open;
  };
  const flat = (prefix: string, list: readonly CaseInfo[], level: number) => {
    for (const info of list)
      rows.push({ type: 'case', key: `${prefix}${info.index}`, level, index: info.index, context: contextOf(info) });
  };

  if (live) {
    const running = shown.filter(({ index }) => kind(index) === 'running').slice(0, mostPinned);
    const failed = shown.filter(({ index }) => isFailureKind(kind(index)));
    if (running.length > 0 && heading('pinned', 'running', 'Running', 1, running.map(indexOf)))
      flat('running:', running, 2);
    if (failed.length > 0 && heading('pinned', 'failed', 'Failed', 1, failed.map(indexOf))) flat('failed:', failed, 2);
  }

  switch (grouping) {
    case 'file': {
      const byFile = groupBy(shown, ({ file }) => file);
      for (const [file, list] of byFile) {
        // One script needs no heading of its own.
        if (byFile.size === 1 && !live) addGroups(list, `file:${file}`, 0, 1, rows, heading);
        else if (heading('file', `file:${file}`, file, 1, list.map(indexOf)))
          addGroups(list, `file:${file}`, 0, 2, rows, heading);
      }
      break;
    }
    case 'error': {
      const known = new Map(shown.map((info) => [info.index, info]));
      for (const { fingerprint, message, indexes } of errors) {
        const list = indexes.flatMap((index) => known.get(index) ?? []);
        if (list.length > 0 && heading('error', `error:${fingerprint}`, firstLine(message), 1, list.map(indexOf)))
          flat(`${fingerprint}:`, list, 2);
      }
      break;
    }
    case 'shard': {
      for (const [part, list] of groupBy(shown, ({ part }) => part))
        if (heading('shard', `shard:${part}`, `Shard ${part + 1}`, 1, list.map(indexOf))) flat('', list, 2);
      break;
    }
    case 'slowest': {
      const duration = (index: number) => states[index]?.[3] ?? -1;
      flat(
        '',
        shown.toSorted((a, b) => duration(b.index) - duration(a.index) || a.index - b.index),
        1,
      );
      break;
    }
  }
  return rows;
}

/** Cases in their `describe` blocks, in the order of the file; with their Playwright project, if there are several. */
function addGroups(
  list: readonly CaseInfo[],
  key: string,
  depth: number,
  level: number,
  rows: CaseRow[],
  heading: (of: 'describe', key: string, label: string, level: number, indexes: number[]) => boolean,
): void {
  const isOfSeveral = depth === 0 && list.some(({ project }) => project !== list[0]?.project);
  let from = 0;
  while (from < list.length) {
    const info = list[from]!;
    const group = info.groups[depth];
    if (group === undefined) {
      rows.push({ type: 'case', key: String(info.index), level, index: info.index });
      from += 1;
      continue;
    }
    let to = from + 1;
    while (to < list.length && list[to]!.groups[depth] === group && list[to]!.project === info.project) to += 1;
    const members = list.slice(from, to);
    // The first case's index makes the key of two blocks with one title differ.
    const own = `${key}›${group}:${info.index}`;
    const label = isOfSeveral && info.project ? `${group} (${info.project})` : group;
    if (heading('describe', own, label, level, members.map(indexOf)))
      addGroups(members, own, depth + 1, level + 1, rows, heading);
    from = to;
  }
}

const indexOf = ({ index }: CaseInfo) => index;

const contextOf = ({ file, groups }: CaseInfo) => [file, ...groups].filter(Boolean).join(' › ');

const firstLine = (text: string) => text.split('\n', 1)[0] ?? text;

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
