import { describe, expect, test } from 'vitest';
import type { RunSummary } from '#shared/events.ts';
import { belongsTo, parseRunSearch, toFilter } from './run-filter.ts';

const testId = '019a0000-0000-7000-8000-000000000001';
const now = Date.parse('2026-03-10T12:00:00Z');

test('unknown and invalid parameters of the address are dropped', () => {
  const known = { status: 'failed,error', kind: 'job', trigger: 'retry', time: '24h', from: '2026-01-31', q: 'a b' };
  expect(parseRunSearch({ ...known, test: testId })).toEqual({ ...known, status: 'failed,error', test: testId });
  expect(
    parseRunSearch({
      status: 'exploded',
      kind: 'x',
      test: 'me',
      suite: 'mine',
      branch: '\0 ',
      commit: 'main',
      trigger: 'nightly',
      time: 'toString',
      from: '2026-13-01',
      q: ' ',
    }),
  ).toEqual({});
});

test('a recent span begins before now; days are whole, and the last one is included', () => {
  expect(toFilter({ time: '24h' }, now)).toEqual({ since: '2026-03-09T12:00:00.000Z' });
  const { since, until } = toFilter({ time: '24h', from: '2026-03-01', to: '2026-03-02' }, now);
  expect(since).toBe(new Date(2026, 2, 1).toISOString());
  expect(until).toBe(new Date(2026, 2, 3).toISOString());
});

describe('a run of the feed', () => {
  const run = {
    id: '019a0000-0000-7000-8000-0000000000ff',
    kind: 'test',
    name: 'Checkout Flow',
    testId,
    jobId: null,
    suiteId: null,
    branch: 'main',
    commitSha: 'a1b2c3d4e5f6',
    status: 'failed',
    trigger: 'manual',
    triggeredBy: 'Ada',
    queuedAt: '2026-03-10T11:00:00.000Z',
  } as RunSummary;

  test.each([
    [{}],
    [{ status: 'failed,running' }],
    [{ kind: 'test' }],
    [{ test: testId }],
    [{ trigger: 'manual' }],
    [{ branch: 'main' }],
    [{ commit: 'A1B2c' }],
    [{ time: '24h' }],
    [{ q: 'checkout' }],
    [{ q: 'ADA' }],
    [{ q: run.id }],
  ])('belongs to the list with %o', (search) => {
    expect(belongsTo(toFilter(parseRunSearch(search), now), run)).toBe(true);
  });

  test.each([
    [{ status: 'passed' }],
    [{ kind: 'job' }],
    [{ job: testId }],
    [{ trigger: 'retry' }],
    [{ suite: testId }],
    [{ branch: 'Main' }],
    [{ commit: 'b2c3d' }],
    [{ from: '2026-03-12' }],
    [{ to: '2026-03-08' }],
    [{ q: 'check%' }],
  ])('does not belong to the list with %o', (search) => {
    expect(belongsTo(toFilter(parseRunSearch(search), now), run)).toBe(false);
  });
});
