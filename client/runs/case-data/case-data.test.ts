import { describe, expect, test } from 'vitest';
import type { CaseChanges, CaseState } from '#shared/run-cases.ts';
import { listCases, type Manifest } from './case-list.ts';
import { countKinds, kindOf } from './case-kind.ts';
import { caseRows, type RowOptions } from './case-rows.ts';
import { parseCaseSearch } from './case-search.ts';
import { applyChanges, type RunCases, unknownCases } from './run-cases.ts';

const noCounts = { passed: 0, failed: 0, skipped: 0, flaky: 0, notRun: 0, quarantined: 0 };

function changes(version: number, total: number, cases: CaseState[]): CaseChanges {
  return { version, status: 'running', counts: { ...noCounts, total }, cases };
}

/** Two shards: `cart` with a describe block and `pay`, in two Playwright projects. */
const manifests: Manifest[] = [
  {
    hash: 'a',
    part: 0,
    firstIndex: 0,
    files: [{ name: 'cart.spec.ts', position: null }],
    projects: ['chromium'],
    tags: ['@smoke', '@slow'],
    cases: [
      [0, 0, 3, ['Cart', 'adds a lamp'], [0]],
      [0, 0, 9, ['Cart', 'Coupons', 'takes ten percent'], []],
      [0, 0, 20, ['is empty at first'], [1]],
    ],
  },
  {
    hash: 'b',
    part: 1,
    firstIndex: 3,
    files: [{ name: 'pay.spec.ts', position: null }],
    projects: ['firefox'],
    tags: ['@smoke'],
    cases: [
      [0, 0, 1, ['pays by card'], [0]],
      [0, 0, 5, ['Refund'], []],
    ],
  },
];
const list = listCases(manifests);

function casesWith(...states: CaseState[]): RunCases {
  return applyChanges(unknownCases, changes(1, 5, states));
}

describe('states', () => {
  test('changes are applied once, in the order of their versions', () => {
    const first = applyChanges(unknownCases, changes(1, 3, [[1, 'running', 0, null, '']]));
    const second = applyChanges(first, changes(2, 3, [[1, 'failed', 0, 40, '']]));
    expect([second.states[0], second.states[1]?.[1], second.counts.failed]).toEqual([undefined, 'failed', 1]);
    expect(applyChanges(second, changes(1, 3, [[1, 'running', 0, null, '']]))).toBe(second);
    expect(first.counts.running).toBe(1);
  });

  test('cases beyond the total are forgotten when Playwright lists fewer than there were scripts', () => {
    const before = applyChanges(unknownCases, changes(1, 3, [[2, 'running', 0, null, '']]));
    expect(applyChanges(before, changes(2, 1, [])).counts).toMatchObject({ running: 0, waiting: 1 });
  });

  test('indexes that no part has any more do not count', () => {
    const part = {
      part: 0,
      status: 'running' as const,
      casesHash: 'h',
      executor: null,
      startedAt: null,
      completedAt: null,
      heartbeatAt: null,
    };
    const before = applyChanges(unknownCases, changes(1, 1, [[0, 'running', 0, null, '']]));
    const after = applyChanges(before, {
      ...changes(2, 2, [[2, 'failed', 0, 4, '']]),
      parts: [{ ...part, firstIndex: 1, total: 2 }],
    });
    expect(after.counts).toMatchObject({ running: 0, failed: 1, waiting: 1 });
  });

  test('every state is of one kind', () => {
    const states: [CaseState, string][] = [
      [[0, 'pending', 0, null, ''], 'waiting'],
      [[0, 'running', 1, 5, ''], 'running'],
      [[0, 'passed', 0, 5, ''], 'passed'],
      [[0, 'passed', 1, 5, 'f'], 'flaky'],
      [[0, 'timed_out', 0, 5, ''], 'failed'],
      [[0, 'failed', 0, 5, 'q'], 'quarantined'],
      [[0, 'passed', 0, 5, 'q'], 'passed'],
      [[0, 'skipped', 0, 0, ''], 'skipped'],
      [[0, 'skipped', 0, null, ''], 'not_run'],
      [[0, 'interrupted', 0, 5, ''], 'interrupted'],
    ];
    for (const [state, kind] of states) expect(kindOf(state), state.join()).toBe(kind);
    expect(countKinds([undefined, ...states.map(([state]) => state)])).toMatchObject({ waiting: 2, passed: 2 });
  });
});

describe('a search', () => {
  const find = (text: string) => {
    const filter = parseCaseSearch(text);
    const cases = casesWith([0, 'failed', 0, 3, ''], [3, 'skipped', 0, null, '']);
    return list.cases.flatMap((info) =>
      !filter || filter(info!, kindOf(cases.states[info!.index])) ? info!.index : [],
    );
  };

  test.each([
    ['', [0, 1, 2, 3, 4]],
    ['LAMP', [0]],
    ['cart percent', [1]],
    ['"by card"', [3]],
    ['@smoke', [0, 3]],
    ['@sm file:pay', [3]],
    ['s:failed', [0]],
    ['status:not-run', [3]],
    ['shard:2', [3, 4]],
    ['p:fire refund', [4]],
    ['file:"cart.spec"', [0, 1, 2]],
    ['s:nonsense', []],
    ['shard:none', []],
  ])('%s', (text, indexes) => expect(find(text)).toEqual(indexes));
});

describe('rows', () => {
  const options: RowOptions = {
    grouping: 'file',
    filter: undefined,
    folds: new Map(),
    openByDefault: () => true,
    live: false,
    errors: [],
  };
  const look = (cases: RunCases, change: Partial<RowOptions> = {}) =>
    caseRows(list, cases, { ...options, ...change }).map((row) =>
      row.type === 'case'
        ? `${' '.repeat(row.level - 1)}${row.index}`
        : `${' '.repeat(row.level - 1)}${row.open ? '-' : '+'} ${row.label} (${row.indexes.length})`,
    );

  test('are files with their describe blocks and cases', () => {
    expect(look(casesWith())).toEqual([
      '- cart.spec.ts (3)',
      ' - Cart (2)',
      '  0',
      '  - Coupons (1)',
      '   1',
      ' 2',
      '- pay.spec.ts (2)',
      ' 3',
      ' 4',
    ]);
  });

  test('a fold hides what is under it, and the only file has no heading', () => {
    expect(look(casesWith(), { folds: new Map([['file:cart.spec.ts', false]]) })).toEqual([
      '+ cart.spec.ts (3)',
      '- pay.spec.ts (2)',
      ' 3',
      ' 4',
    ]);
    expect(look(casesWith(), { filter: ({ part }) => part === 1 })).toEqual(['3', '4']);
  });

  test('of a live run have what runs and what failed on top', () => {
    const cases = casesWith([4, 'running', 0, null, ''], [1, 'timed_out', 0, 5, '']);
    expect(look(cases, { live: true, openByDefault: () => false })).toEqual([
      '- Running (1)',
      ' 4',
      '- Failed (1)',
      ' 1',
      '+ cart.spec.ts (3)',
      '+ pay.spec.ts (2)',
    ]);
  });

  test('are grouped by error and by shard, or the slowest first', () => {
    const cases = casesWith([0, 'failed', 0, 5, ''], [3, 'failed', 0, 50, ''], [4, 'passed', 0, 20, '']);
    const errors = [{ fingerprint: 'f', message: 'Timeout\nat cart', indexes: [0, 3] }];
    expect(look(cases, { grouping: 'error', errors })).toEqual(['- Timeout (2)', ' 0', ' 3']);
    expect(look(cases, { grouping: 'shard' }).slice(3)).toEqual([' 2', '- Shard 2 (2)', ' 3', ' 4']);
    expect(look(cases, { grouping: 'slowest' })).toEqual(['3', '4', '0', '1', '2']);
  });

  test('have keys of their own, also where two blocks have one title', () => {
    const twice = listCases([
      {
        ...manifests[0]!,
        cases: [
          [0, 0, 1, ['A', 'x'], []],
          [0, 0, 2, ['y'], []],
          [0, 0, 3, ['A', 'x'], []],
        ],
      },
    ]);
    const keys = caseRows(twice, casesWith([0, 'failed', 0, 1, '']), { ...options, live: true }).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('of 20,000 cases are made in a moment', () => {
    const many = listCases([
      {
        ...manifests[0]!,
        files: Array.from({ length: 200 }, (_, n) => ({ name: `file-${n}.spec.ts`, position: null })),
        cases: Array.from(
          { length: 20_000 },
          (_, n) => [Math.floor(n / 100), 0, n, ['Block', `case ${n}`], []] as const,
        ),
      },
    ]);
    const cases = applyChanges(unknownCases, changes(1, 20_000, []));
    const begun = performance.now();
    expect(caseRows(many, cases, options)).toHaveLength(20_400);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
