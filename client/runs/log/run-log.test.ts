import { describe, expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '#shared/events.ts';
import { linesFrom } from '#client/ui/log/log-lines.ts';
import { appendEvents, emptyLog, stepsOfTest, type RunLog } from './run-log.ts';

/** Events numbered from `first`. */
function events(bodies: RunEventBody[], first = 1): RunEvent[] {
  return bodies.map((body, index) => ({ ...body, seq: first + index, at: '2026-01-01T00:00:00.000Z' }));
}
const log = (text: string, change: { stream?: 'stdout' | 'stderr'; position?: number } = {}): RunEventBody => ({
  type: 'log',
  stream: 'stdout',
  text,
  ...change,
});
const step = (id: string, parentId: string | null, status: 'running' | 'passed'): RunEventBody => ({
  type: 'step',
  position: 0,
  id,
  parentId,
  category: parentId ? 'test.step' : 'case',
  title: id,
  status,
  duration: null,
  error: null,
});
const linesOf = (log: RunLog) => [...linesFrom(log.lines)].map(([, line]) => line.text);
const textOf = (bodies: RunEventBody[]) => linesOf(appendEvents(emptyLog, events(bodies)));

test('a replay after a reconnect changes nothing, and events after it are appended once', () => {
  const all = events([log('one\n'), log('two\n'), log('three\n')]);
  const before = appendEvents(emptyLog, all.slice(0, 2));
  expect(appendEvents(before, all.slice(0, 2))).toBe(before);
  expect(linesOf(appendEvents(before, [...all, ...all]))).toEqual(['one', 'two', 'three']);
});

describe('output', () => {
  test('that comes in pieces is joined into lines', () => {
    expect(textOf([log('on'), log('e\ntw'), log('o\n'), log('three')])).toEqual(['one', 'two', 'three']);
  });

  test('of two streams or two tests is not joined', () => {
    expect(textOf([log('out'), log('err\n', { stream: 'stderr' }), log('more\n')])).toEqual(['out', 'err', 'more']);
    expect(textOf([log('a', { position: 0 }), log('b', { position: 1 })])).toEqual(['a', 'b']);
  });

  test('keeps its empty lines', () => {
    expect(textOf([log('one\n\ntwo\n'), log('\n')])).toEqual(['one', '', 'two', '']);
  });

  test('that returns to the start of its line leaves the text written last', () => {
    expect(textOf([log('10 %\r'), log('20 %\r'), log('done\r\n')])).toEqual(['done']);
  });
});

test('steps keep the order of their beginning and the place of their parent, and take their newest state', () => {
  const { steps, children } = appendEvents(
    emptyLog,
    events([
      step('case', null, 'running'),
      step('a', 'case', 'running'),
      step('b', 'case', 'running'),
      step('a', 'case', 'passed'),
    ]),
  );
  expect(children.get(stepsOfTest(0))).toEqual(['case']);
  expect(children.get('case')).toEqual(['a', 'b']);
  expect(steps.get('a')?.status).toBe('passed');
});

test('the log has ended once it has a final status, not before', () => {
  const running = appendEvents(emptyLog, events([{ type: 'status', status: 'running' }]));
  expect(running.ended).toBe(false);
  expect(appendEvents(running, events([{ type: 'status', status: 'passed' }], 2)).ended).toBe(true);
});

test('output changes only the lines, and the log before it stays as it was', () => {
  const before = appendEvents(emptyLog, events([step('case', null, 'running'), log('one\ntw')]));
  const after = appendEvents(before, events([log('o\nthree\n')], 3));
  expect(after.steps).toBe(before.steps);
  expect(linesOf(before)).toEqual(['one', 'tw']);
  expect(linesOf(after)).toEqual(['one', 'two', 'three']);
});

test('a step keeps the time at which it began', () => {
  const begun = appendEvents(emptyLog, events([step('case', null, 'running')]));
  const end = { ...step('case', null, 'passed'), seq: 2, at: '2026-01-01T00:00:09.000Z' } as RunEvent;
  expect(appendEvents(begun, [end]).steps.get('case')).toMatchObject({
    status: 'passed',
    begunAt: '2026-01-01T00:00:00.000Z',
  });
});
