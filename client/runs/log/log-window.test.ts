import { expect, test } from 'vitest';
import { linesFrom } from '#client/ui/log/log-lines.ts';
import type { RunEvent } from '#shared/events.ts';
import { addEarlier, addLater, type LogAnswer, type LogWindow, openWindow } from './log-window.ts';

/** Entries from `from` to `to`; each ends the line that the one before has begun. */
function answer(from: number, to: number, rest: Partial<LogAnswer> = {}): LogAnswer {
  const items = Array.from({ length: to - from + 1 }, (_, offset): RunEvent => {
    const seq = from + offset;
    return { type: 'log', seq, at: '2026-01-01T00:00:00.000Z', stream: 'stdout', text: `end\nbegin ${seq} ` };
  });
  return { items, hasEarlier: from > 1, hasLater: false, head: to, ...rest };
}
const linesOf = ({ log }: LogWindow) => [...linesFrom(log.lines)].map(([, { seq, text }]) => `${seq}: ${text}`);

test('a log that is read from its end gets its lines as if it had been read from its beginning', () => {
  const whole = openWindow(answer(1, 6));
  const inParts = addEarlier(addEarlier(openWindow(answer(5, 6)), answer(3, 4)), answer(1, 2));
  expect(linesOf(inParts)).toEqual(linesOf(whole));
  expect(inParts.hasEarlier).toBe(false);
  expect(linesOf(inParts).slice(0, 3)).toEqual(['1: end', '1: begin 1 end', '2: begin 2 end']);
});

test('a part in the middle grows to the end, where a stream goes on; what comes twice is added once', () => {
  const middle = openWindow(answer(3, 4, { hasLater: true, head: 6 }));
  const toEnd = addLater(middle, answer(4, 6, { head: 6 }));
  expect([toEnd.hasLater, toEnd.head, toEnd.entries.length]).toEqual([false, 6, 4]);
  const streamed = addLater(toEnd, { items: answer(6, 8).items });
  expect([streamed.head, streamed.entries.length, streamed.hasEarlier]).toEqual([8, 6, true]);
  expect(addLater(streamed, { items: answer(6, 8).items }).entries).toBe(streamed.entries);
});

test('an answer that is older than the stream does not take back what the stream has brought', () => {
  const streamed = addLater(openWindow(answer(1, 3)), { items: answer(4, 5).items });
  const reread = openWindow(answer(2, 3), undefined, streamed);
  expect(linesOf(reread)).toEqual(linesOf(openWindow(answer(2, 5))));
  expect([reread.head, reread.hasEarlier, reread.hasLater]).toEqual([5, true, false]);
});
