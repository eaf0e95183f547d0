/** The fields of a case that decide how it is divided. */
export interface CaseToDivide {
  id: string;
  /** Cases of one group stay together. */
  group: string;
  project: string;
  /** Duration in its last runs; null: it never ran. */
  durationMs: number | null;
}

interface Group {
  ids: string[];
  ms: number;
}

/**
 * Divides cases into parts of about the same duration. Leave out the cases of setup projects: they run in each part that needs
 * them. The same cases are always divided the same way. The longest part is never longer than with Playwright's `--shard`, and at
 * most 4/3 of the shortest possible one. A case that never ran counts as the median of the others. Parts may be empty.
 */
export function divideCases(cases: readonly CaseToDivide[], parts: number): string[][] {
  const groups = groupsOf(cases);
  const [shortest, other] = [byDuration(groups, parts), byCount(groups, parts)];
  const best = longestOf(shortest) <= longestOf(other) ? shortest : other;
  return best.map((part) => part.flatMap(({ ids }) => ids));
}

/** Number of parts that a suite needs to end within `wantedMs`, at most the number of free workers. */
export function autoShards(cases: readonly CaseToDivide[], wantedMs: number, freeWorkers: number): number {
  const groups = groupsOf(cases);
  // More parts do not help when each has a group.
  const most = Math.max(1, Math.min(freeWorkers, groups.length, 64));
  for (let parts = 1; parts < most; parts += 1) if (longestOf(byDuration(groups, parts)) <= wantedMs) return parts;
  return most;
}

/** Groups in the order of their first cases. */
function groupsOf(cases: readonly CaseToDivide[]): Group[] {
  const unknownMs = medianOf(cases.flatMap(({ durationMs }) => durationMs ?? []));
  const groups = new Map<string, Group>();
  for (const { id, group, project, durationMs } of cases) {
    const key = JSON.stringify([project, group]);
    const known = groups.get(key) ?? { ids: [], ms: 0 };
    known.ids.push(id);
    known.ms += durationMs ?? unknownMs;
    groups.set(key, known);
  }
  return [...groups.values()];
}

/** Adds each group, the longest first, to the part that is the shortest so far. */
function byDuration(groups: readonly Group[], parts: number): Group[][] {
  const divided = Array.from({ length: parts }, (_, index) => ({ index, groups: [] as Group[], ms: 0, cases: 0 }));
  const longestFirst = groups.toSorted((a, b) => b.ms - a.ms);
  for (const group of longestFirst) {
    const shortest = divided.reduce((a, b) => (b.ms < a.ms || (b.ms === a.ms && b.cases < a.cases) ? b : a));
    shortest.groups.push(group);
    shortest.ms += group.ms;
    shortest.cases += group.ids.length;
  }
  return divided.map((part) => part.groups);
}

/** Like Playwright's `--shard`: each part is a range of cases, and a group goes to the part in which its first case lies. */
function byCount(groups: readonly Group[], parts: number): Group[][] {
  const divided: Group[][] = Array.from({ length: parts }, () => []);
  const total = groups.reduce((sum, { ids }) => sum + ids.length, 0);
  const size = Math.floor(total / parts);
  const larger = total % parts;
  // The first parts have one more case.
  const partOf = (at: number) =>
    at < larger * (size + 1) ? Math.floor(at / (size + 1)) : larger + Math.floor((at - larger * (size + 1)) / size);
  let at = 0;
  for (const group of groups) {
    divided[partOf(at)]!.push(group);
    at += group.ids.length;
  }
  return divided;
}

function longestOf(parts: readonly Group[][]): number {
  return Math.max(...parts.map((groups) => groups.reduce((sum, { ms }) => sum + ms, 0)));
}

/** If no duration is known, all cases count as equally long. */
function medianOf(durations: readonly number[]): number {
  return durations.toSorted((a, b) => a - b)[Math.floor(durations.length / 2)] ?? 1;
}
