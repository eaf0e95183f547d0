import fc from 'fast-check';
import { expect, test } from 'vitest';
import { caseEntry, casesEntry, logEntry, playReporter, stepEntry } from '#server/testing/played-reporter.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});

/** What a reporter says of two cases, with output that is numbered. */
const entries = [
  casesEntry('one', 'two'),
  ...[0, 1].flatMap((index) => [
    caseEntry(index, 'running'),
    stepEntry(`a${index}`, index),
    ...Array.from({ length: 6 }, (_, n) => logEntry(`${6 * index + n} `, index)),
    stepEntry(`a${index}`, index, { status: 'passed', duration: 1 }),
    caseEntry(index, 'passed'),
  ]),
];

/** A batch as it may arrive: it begins anywhere, and several may be on their way at once. */
const batches = fc.array(
  fc.array(fc.record({ from: fc.nat(entries.length), length: fc.nat(8) }), { minLength: 1, maxLength: 4 }),
  { maxLength: 12 },
);

test('whatever batches arrive, in any order and number, each entry is stored once and in its place', async () => {
  const { client } = app();
  const { reports, runs } = client.api;
  await fc.assert(
    fc.asyncProperty(batches, async (rounds) => {
      const { runId, part, session } = await playReporter(client);
      const append = (after: number, end = entries.length) =>
        reports.append.mutate({ runId, part, session, after, entries: entries.slice(after, end) });
      let acknowledged = 0;
      for (const round of rounds) {
        const answers = await Promise.allSettled(round.map(({ from, length }) => append(from, from + length)));
        for (const answer of answers) {
          if (answer.status === 'fulfilled') acknowledged = Math.max(acknowledged, answer.value.acknowledged);
          else expect(answer.reason).toMatchObject({ data: { report: { reason: 'gap' } } });
        }
      }
      expect(await append(acknowledged)).toEqual({ acknowledged: entries.length });
      const after = entries.length;
      expect(await reports.finish.mutate({ runId, part, session, after, status: 'passed', undelivered: null })).toEqual(
        { status: 'passed' },
      );
      const log = client.stream((api) => api.runs.onEvents, { runId });
      await log.ended;
      const output = log.data.flatMap((event) => (event.type === 'log' ? [event.text] : [])).join('');
      expect(output).toBe('0 1 2 3 4 5 6 7 8 9 10 11 ');
      expect(log.data.filter(({ type }) => type === 'step')).toHaveLength(4);
      expect(log.data.map(({ seq }) => seq)).toEqual(log.data.map((_, index) => index + 1));
      expect(await runs.byId.query({ runId })).toMatchObject({ total: 2, passed: 2, failed: 0 });
    }),
    { numRuns: 25 },
  );
});
