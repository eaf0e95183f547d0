import { expect, test } from 'vitest';
import type { PartState } from '#shared/run-cases.ts';
import { noteOf, troubleOf, waitingText } from './part-text.ts';

const at = '2026-03-10T12:00:00.000Z';
const now = Date.parse(at) + 25_000;
const context = { count: 1, live: true, now, origin: 'reporter' } as const;
const part = (more: Partial<PartState> = {}): PartState => ({
  part: 1,
  status: 'running',
  total: 10,
  firstIndex: 0,
  casesHash: null,
  executor: 'runner-2',
  startedAt: at,
  completedAt: null,
  heartbeatAt: at,
  ...more,
});

test('a part of a suite is silent when the server says so, whatever the clock of the browser', () => {
  expect(troubleOf(part({ silent: true }), true, now - 3_600_000)).toMatch(/^Silent since /);
  expect(troubleOf(part({ silent: false }), true, now + 3_600_000)).toBeNull();
  expect(noteOf(part({ silent: true }), { ...context, count: 4 })).toMatch(
    /^Shard 2 \(runner-2\) has been silent since .* \(25 s\)\. .* for a minute /,
  );
  expect(noteOf(part({ silent: true }), context)).toMatch(/^The reporter \(runner-2\)/);
  const ofWorker = noteOf(part({ silent: true }), { ...context, origin: 'worker' });
  expect(ofWorker).toMatch(/^The worker \(runner-2\) has been silent .* for 25 s /);
});

test('without a word of the server, a part is silent after 20 s without a heartbeat; none is silent when it or its run is over', () => {
  expect(troubleOf(part(), true, now)).toMatch(/^Silent since /);
  expect(troubleOf(part(), true, now - 6_000)).toBeNull();
  expect(troubleOf(part(), false, now)).toBeNull();
  expect(troubleOf(part({ status: 'passed', silent: true }), true, now)).toBeNull();
});

test('a part without a result says why', () => {
  const lost = part({
    status: 'error',
    errorCode: 'reporter_lost',
    errorDetails: 'Nothing was heard for 60 s.\nMore.',
  });
  expect(troubleOf(lost, true, now)).toBe('Lost');
  expect(noteOf(lost, { ...context, count: 4, live: false })).toBe('Shard 2 (runner-2): Nothing was heard for 60 s.');
  expect(noteOf({ ...lost, errorDetails: null, executor: null }, { ...context, count: 4 })).toBe(
    'Shard 2 has no result.',
  );
  expect(troubleOf(part({ status: 'error', errorCode: 'parts_missing' }), false, now)).toBe('Never came');
});

test('parts that have not come yet are named', () => {
  const queued = (...numbers: number[]) =>
    [1, 2, 3, 4].map((n) => part({ part: n - 1, status: numbers.includes(n) ? 'queued' : 'running' }));
  expect(waitingText(queued())).toBeNull();
  expect(waitingText(queued(3))).toBe('Waiting for shard 3 of 4');
  expect(waitingText(queued(2, 3, 4))).toBe('Waiting for shards 2, 3 and 4 of 4');
  expect(waitingText([part({ status: 'queued' })])).toBeNull();
});
