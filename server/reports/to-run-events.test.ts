import { expect, test } from 'vitest';
import { caseEntry, casesEntry, logEntry, stepEntry } from '#server/testing/played-reporter.ts';
import { type PartBefore, toRunEvents } from './to-run-events.ts';

const before = (more: Partial<PartBefore> = {}): PartBefore => ({
  part: 2,
  session: '018f0000-0000-7000-8000-00000000abcd',
  total: 3,
  used: { steps: 0, outputChars: 0, textChars: 0 },
  limits: { shownOutputBytes: 10, shownSteps: 2 },
  files: new Map(),
  ...more,
});

test('output and steps beyond the limits of the run are left out, which is said once', () => {
  const entries = [logEntry('12345'), logEntry('67890'), logEntry('more'), stepEntry('a', 0), stepEntry('b', 0)];
  const first = toRunEvents(
    [...entries, stepEntry('c', 0), stepEntry('d', 0), stepEntry('e', 0, { category: 'case' })],
    before(),
  );
  expect(first.usage).toMatchObject({ steps: 4, outputChars: 14 });
  expect(first.events.flatMap((event) => (event.type === 'log' ? [event.text.trim()] : []))).toEqual([
    '12345',
    '67890',
    'Output beyond 10 characters is not shown.',
    'Steps beyond 2 are not shown.',
  ]);
  expect(first.events.flatMap((event) => (event.type === 'step' ? [event.id] : []))).toEqual([
    '2.0000abcd.a',
    '2.0000abcd.b',
    '2.0000abcd.e',
  ]);
  const { events } = toRunEvents(entries, before({ used: { steps: 4, outputChars: 14, textChars: 0 } }));
  expect(events).toEqual([]);
});

test('what makes no sense is counted and left out', () => {
  const { listed, events, usage } = toRunEvents(
    [casesEntry('again'), caseEntry(3, 'failed'), logEntry('of no case', 7), stepEntry('a', 9)],
    before({ limits: { shownOutputBytes: 1_000, shownSteps: 1_000 } }),
  );
  expect(listed).toBeUndefined();
  expect(usage.irregular).toBe(4);
  expect(events).toMatchObject([
    { type: 'log', text: 'of no case', caseIndex: null, attempt: null },
    { type: 'step', caseIndex: null },
  ]);
});

test('titles and errors are cut once a run has said too much', () => {
  const long = 'x'.repeat(1_000);
  const { events } = toRunEvents(
    [stepEntry('a', 0, { title: long, category: 'case' }), caseEntry(0, 'failed', { errors: [{ message: long }] })],
    before({ used: { steps: 0, outputChars: 0, textChars: 50_000_000 } }),
  );
  expect(events).toMatchObject([{ title: 'x'.repeat(100) }, { error: { message: 'x'.repeat(200) } }]);
});
