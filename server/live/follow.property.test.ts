import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  at,
  channel,
  createModelDatabase,
  isWanted,
  type Open,
  openLog,
  openLogByBell,
  openPartOfLog,
  openState,
  openStateByBell,
} from '#server/testing/model-database.ts';
import { changedBetween, type DeltaEntry, openDeltas } from '#server/testing/model-deltas.ts';
import { createReader } from '#server/testing/model-reader.ts';
import { createScriptedBus } from '#server/testing/scripted-bus.ts';
import { endings, steps } from '#server/testing/stream-steps.ts';
import { fallbackIntervalMs, takeSteps } from '#server/testing/take-steps.ts';
import { contentId } from './content-id.ts';
import { createHub } from './hub.ts';

const numRuns = 1_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('through all faults of bus, database and readers', () => {
  test.each([
    ['its entries', openLog],
    ['bells', openLogByBell],
  ])(
    'a log that follows %s reaches every reader without a gap, in order, each entry once, up to its end',
    async (source, open) => {
      let visits = 0;
      let entries = 0;
      await fc.assert(
        fc.asyncProperty(steps, endings, async (script, ending) => {
          const { database, readers } = await takeSteps(script, ending, open, 'log');
          for (const visit of readers.flatMap((it) => it.visits)) {
            const numbers = visit.got.map((item) => item.n!);
            const { kind, n } = visit.since;
            const isFromStart = kind === 'garbage' || kind === 'none' || (kind === 'ahead' && numbers[0] === 1);
            const first = isFromStart ? 1 : n + 1;
            expect(numbers).toEqual(numbers.map((_, index) => first + index));
            if (visit.over === 'ended') {
              const last = numbers.at(-1) ?? n;
              expect(last).toBe(database.head);
            }
            expect(visit.got.slice(0, -1).some((item) => item.isLast)).toBe(false);
            visits += 1;
            entries += numbers.length;
          }
        }),
        { numRuns },
      );
      console.log(`log by ${source}: ${numRuns} scripts, ${visits} streams, ${entries} entries, lost 0, doubled 0`);
    },
  );

  test.each([
    // Bells bring nothing from outside publishers.
    ['its versions', openState, 'state', undefined],
    ['bells', openStateByBell, 'log', contentId],
  ] as const)(
    'a state that follows %s reaches every reader, its versions never go back, and its end always arrives',
    async (source, open, kind, idOf) => {
      let visits = 0;
      let versions = 0;
      await fc.assert(
        fc.asyncProperty(steps, endings, async (script, ending) => {
          const { database, readers } = await takeSteps(script, ending, open, kind, idOf);
          for (const visit of readers.flatMap((it) => it.visits)) {
            const numbers = visit.got.flatMap((item) => (item.n === undefined ? [] : [item.n]));
            const isTrusted = visit.since.kind === 'own' || visit.since.kind === 'older';
            const before = isTrusted ? [visit.since.n, ...numbers] : numbers;
            expect(before).toEqual([...new Set(before)].sort((a, b) => a - b));
            expect(visit.got.slice(0, -1).some((item) => item.isLast)).toBe(false);
            if (visit.over === 'ended') {
              const last = visit.got.at(-1);
              if (last) expect(last.isLast).toBe(true);
              else expect(visit.since.n).toBe(database.head);
              if (last?.n !== undefined) expect(last.n).toBe(database.head);
            }
            visits += 1;
            versions += numbers.length;
          }
        }),
        { numRuns },
      );
      console.log(`state by ${source}: ${numRuns} scripts, ${visits} streams, ${versions} versions, gone back 0`);
    },
  );
});

describe('through all faults of bus, database and readers', () => {
  test('a part of a log reaches every reader in order, each entry once, and ends with the log', async () => {
    let visits = 0;
    let entries = 0;
    await fc.assert(
      fc.asyncProperty(steps, endings, async (script, ending) => {
        const { database, readers } = await takeSteps(script, ending, openPartOfLog, 'log');
        for (const visit of readers.flatMap((it) => it.visits)) {
          const numbers = visit.got.map((item) => item.n!);
          const { kind, n } = visit.since;
          const isFromStart = kind === 'garbage' || kind === 'none' || (kind === 'ahead' && numbers[0]! <= n);
          const since = isFromStart ? 0 : n;
          const end = visit.over === 'ended' ? database.head : (numbers.at(-1) ?? 0);
          const wanted = Array.from({ length: end }, (_, index) => at(index + 1, database)).filter(isWanted);
          expect(numbers).toEqual(wanted.flatMap((item) => (item.n! > since ? [item.n] : [])));
          visits += 1;
          entries += numbers.length;
        }
      }),
      { numRuns },
    );
    console.log(`part of a log: ${numRuns} scripts, ${visits} streams, ${entries} entries, lost 0, doubled 0`);
  });

  test('what a reader has made of deltas is the state, whatever is lost, merged or read', async () => {
    let visits = 0;
    let deltas = 0;
    let versions = 0;
    await fc.assert(
      fc.asyncProperty(steps, endings, async (script, ending) => {
        const { database, readers } = await takeSteps(script, ending, openDeltas, 'deltas');
        for (const visit of readers.flatMap((it) => it.visits)) {
          const got = visit.got as DeltaEntry[];
          const first = got[0];
          const isFromStart = first?.since === -1;
          let last = isFromStart ? -1 : visit.since.n;
          let state = changedBetween(-1, last);
          for (const { since, n, changed, isLast } of got) {
            expect(since, 'no version is left out').toBeLessThanOrEqual(last);
            expect(n).toBeGreaterThan(last);
            expect(isLast).toBe(database.isOver && n === database.head);
            state = { ...state, ...changed };
            versions += n! - last;
            last = n!;
            expect(state).toEqual(changedBetween(-1, n!));
          }
          if (visit.over === 'ended') expect(last === -1 ? 0 : last).toBe(database.head);
          visits += 1;
          deltas += got.length;
        }
      }),
      { numRuns },
    );
    console.log(`deltas: ${numRuns} scripts, ${visits} streams, ${versions} versions in ${deltas} deltas, wrong 0`);
  });
});

describe.each(['pushed', 'pulled'] as const)('a stream that is %s', (interfaceName) => {
  function setUp(open: Open) {
    const database = createModelDatabase();
    const bus = createScriptedBus();
    const logger = { info() {}, warn() {} };
    const hub = createHub({ bus, fallbackIntervalMs, logger });
    const reader = createReader(interfaceName);
    const come = () =>
      reader.come({ kind: 'none', id: undefined, n: 0 }, ({ signal }) => open({ hub, signal }, database, undefined));
    return { database, bus, hub, reader, come };
  }

  test('keeps the newest state for a slow reader, and not those before it', async () => {
    const { database, bus, hub, reader, come } = setUp(openState);
    database.head = 1;
    come();
    await nextTurn();
    expect(reader.visits[0]!.got).toHaveLength(1);
    reader.stopReading();
    for (let n = 2; n <= 10_000; n++) {
      database.head = n;
      bus.deliver(channel.name, JSON.stringify(at(n, database)));
    }
    database.head += 1;
    database.isOver = true;
    bus.deliver(channel.name, JSON.stringify(at(database.head, database)));
    reader.readOn();
    await nextTurn();
    const { got, over } = reader.visits[0]!;
    expect(over).toBe('ended');
    expect(got.at(-1)).toEqual({ n: 10_001, isLast: true });
    // Those that it took while it slowed down, and the newest.
    expect(got.length).toBeLessThan(6);
    expect(hub.stats().watchers).toBe(0);
    hub[Symbol.dispose]();
  });

  test('keeps the end that an outside publisher sent for a reader that is slow, whatever came after it', async () => {
    const { database, bus, hub, reader, come } = setUp(openState);
    database.head = 1;
    come();
    await nextTurn();
    reader.stopReading();
    for (let n = 2; n <= 1_000; n++) {
      database.head = n;
      bus.deliver(channel.name, JSON.stringify(at(n, database)));
      if (n === 100) bus.deliver(channel.name, JSON.stringify({ isLast: true }));
    }
    reader.readOn();
    await nextTurn();
    expect(reader.visits[0]!.got.at(-1)).toEqual({ isLast: true });
    expect(reader.visits[0]!.over).toBe('ended');
    expect(hub.stats().watchers).toBe(0);
    hub[Symbol.dispose]();
  });

  test.each([
    ['a subscription that is refused', 'refuse'],
    ['a first read that fails', 'fail'],
  ] as const)('fails because of %s, and holds nothing', async (_, how) => {
    const { database, bus, hub, reader, come } = setUp(openLog);
    if (how === 'refuse') bus.holdAcknowledgements();
    else database.holdReads();
    come();
    await nextTurn();
    expect(reader.visits[0]!.over).toBeUndefined();
    if (how === 'refuse') bus.answerSubscriptions(new Error('refused'));
    else database.answerReads('with an error');
    await nextTurn();
    expect(reader.visits[0]!.over).toBe('failed');
    expect(hub.stats()).toMatchObject({ watchers: 0, channels: 0 });
    expect(reader.abortListeners()).toBe(0);
    hub[Symbol.dispose]();
  });
});
