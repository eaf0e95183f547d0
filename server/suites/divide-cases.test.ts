import fc from 'fast-check';
import { expect, test } from 'vitest';
import { autoShards, type CaseToDivide, divideCases } from './divide-cases.ts';

const someCases = fc
  .array(fc.record({ group: fc.nat(12), project: fc.constantFrom('', 'desktop'), ms: fc.option(fc.nat(100_000)) }), {
    maxLength: 60,
  })
  .map((cases) =>
    cases.map(({ group, project, ms }, index): CaseToDivide => ({
      id: `case-${index}`,
      group: String(group),
      project,
      durationMs: ms,
    })),
  );
const someParts = fc.integer({ min: 1, max: 9 });

const msOf = (cases: readonly CaseToDivide[]) => {
  const known = cases.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b);
  const median = known[Math.floor(known.length / 2)] ?? 1;
  return new Map(cases.map(({ id, durationMs }) => [id, durationMs ?? median]));
};
const longestOf = (parts: readonly string[][], ms: ReadonlyMap<string, number>) =>
  Math.max(...parts.map((ids) => ids.reduce((sum, id) => sum + ms.get(id)!, 0)));
const groupKey = ({ project, group }: CaseToDivide) => `${project} ${group}`;

/** Playwright's own filterForShard, as in its sources. */
function playwrightsParts(cases: readonly CaseToDivide[], total: number): string[][] {
  const groups = [...new Set(cases.map(groupKey))].map((key) => cases.filter((one) => groupKey(one) === key));
  const shardSize = Math.floor(cases.length / total);
  const extraOne = cases.length - shardSize * total;
  return Array.from({ length: total }, (_, shard) => {
    const from = shardSize * shard + Math.min(extraOne, shard);
    const to = from + shardSize + (shard < extraOne ? 1 : 0);
    let current = 0;
    return groups.flatMap((group) => {
      const isHere = current >= from && current < to;
      current += group.length;
      return isHere ? group.map(({ id }) => id) : [];
    });
  });
}

test('each case is in one part, with its group', () => {
  fc.assert(
    fc.property(someCases, someParts, (cases, count) => {
      const parts = divideCases(cases, count);
      expect(parts).toHaveLength(count);
      expect(parts.flat().sort()).toEqual(cases.map(({ id }) => id).sort());
      const partOf = new Map(parts.flatMap((ids, part) => ids.map((id) => [id, part])));
      for (const one of cases)
        for (const other of cases)
          if (groupKey(one) === groupKey(other)) expect(partOf.get(one.id)).toBe(partOf.get(other.id));
      expect(divideCases(cases, count)).toEqual(parts);
    }),
  );
});

test('the longest part is near the best there can be, and never longer than with Playwright’s division', () => {
  fc.assert(
    fc.property(someCases, someParts, (cases, count) => {
      const ms = msOf(cases);
      const longest = longestOf(divideCases(cases, count), ms);
      expect(longest).toBeLessThanOrEqual(longestOf(playwrightsParts(cases, count), ms));
      const groups = new Map<string, number>();
      for (const one of cases) groups.set(groupKey(one), (groups.get(groupKey(one)) ?? 0) + ms.get(one.id)!);
      const [...all] = groups.values();
      all.sort((a, b) => b - a);
      // No division is shorter than the average, the longest group, or the two that must share a part.
      const atLeast = Math.max(
        all.reduce((sum, one) => sum + one, 0) / count,
        all[0] ?? 0,
        (all[count - 1] ?? 0) + (all[count] ?? 0),
      );
      // Graham's bound for the longest first holds for the best division; against these lower bounds it is 3/2.
      expect(longest).toBeLessThanOrEqual(atLeast * 1.5 + 1e-6);
    }),
  );
});

test('the longest part is at most 4/3 of the best of all divisions', () => {
  const best = (all: readonly number[], loads: number[]): number =>
    all.length === 0
      ? Math.max(...loads)
      : Math.min(
          ...loads.map((_, at) =>
            best(
              all.slice(1),
              loads.map((load, i) => (i === at ? load + all[0]! : load)),
            ),
          ),
        );
  fc.assert(
    fc.property(
      fc.array(fc.nat(50), { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 3 }),
      (durations, count) => {
        const cases = durations.map((durationMs, index) => ({
          id: `${index}`,
          group: `${index}`,
          project: '',
          durationMs,
        }));
        const longest = longestOf(divideCases(cases, count), msOf(cases));
        expect(longest).toBeLessThanOrEqual(
          (4 / 3) *
            best(
              durations,
              Array.from({ length: count }, () => 0),
            ) +
            1e-6,
        );
      },
    ),
  );
});

test('a file as long as all the others has a part for itself', () => {
  const cases = [
    { id: 'long', group: 'long', project: '', durationMs: 60_000 },
    ...Array.from({ length: 60 }, (_, index) => ({
      id: `${index}`,
      group: `${index}`,
      project: '',
      durationMs: 1_000,
    })),
  ];
  expect(
    divideCases(cases, 2)
      .map((ids) => ids.length)
      .sort(),
  ).toEqual([1, 60]);
});

test('parts are as many as the wanted time needs and workers are free, and never more than there are groups', () => {
  const cases = Array.from({ length: 10 }, (_, index) => ({
    id: `${index}`,
    group: `${index}`,
    project: '',
    durationMs: 60_000,
  }));
  expect(autoShards(cases, 600_000, 8)).toBe(1);
  expect(autoShards(cases, 120_000, 8)).toBe(5);
  expect(autoShards(cases, 1, 8)).toBe(8);
  expect(autoShards(cases, 1, 100)).toBe(10);
  expect(autoShards(cases, 1, 0)).toBe(1);
  expect(autoShards([], 1, 8)).toBe(1);
});
