import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Channel } from '#shared/channels.ts';
import { type PushHandle, pushTo } from '#server/sse/push-source.ts';
import { createScriptedBus, type ScriptedBus } from '#server/testing/scripted-bus.ts';
import { contentId } from './content-id.ts';
import { followLog } from './follow-log.ts';
import { followState } from './follow-state.ts';
import type { FollowContext, Follower } from './follower.ts';
import { createHub, type Hub } from './hub.ts';

const fallbackIntervalMs = 30_000;
/** Small, so that logs take many pages. */
const pageSize = 10;
const numRuns = 1_000;

/** An entry of a log, or a version of a state. `n` counts from 1; an outside publisher's message has none. */
const entry = z.object({ n: z.int().optional(), isLast: z.boolean() });
type Entry = z.infer<typeof entry>;
const channel: Channel<Entry> = { name: 'watched', schema: entry };

type LastEventId = 'own' | 'none' | 'garbage' | 'ahead' | 'older';

type Step =
  | { do: 'write'; count: number }
  | { do: 'writeLast' }
  | { do: 'sendFromOutside'; isLast: boolean }
  | { do: 'deliver'; how: 'once' | 'twice' | 'never' | 'later' | 'as too large'; count: number }
  | { do: 'deliverGarbage'; text: string }
  | { do: 'bus'; to: 'down' | 'up' }
  | { do: 'holdReads' | 'holdSubscriptions' }
  | { do: 'answerReads'; how: 'late' | 'early' | 'with an error' }
  | { do: 'answerSubscriptions'; isRefused: boolean }
  | { do: 'stopReading' | 'readOn'; reader: number }
  | { do: 'leave'; reader: number; how: 'abort' | 'close' | 'both' }
  | { do: 'come'; reader: number; lastEventId: LastEventId }
  | { do: 'fallback' | 'settle' };

const reader = fc.nat({ max: 1 });
const steps = fc.array(
  fc.oneof(
    {
      weight: 24,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        count: fc.oneof(
          { weight: 20, arbitrary: fc.integer({ min: 1, max: 4 }) },
          { weight: 1, arbitrary: fc.constant(300) },
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('writeLast' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('sendFromOutside' as const),
        isLast: fc.constantFrom(false, false, false, true),
      }),
    },
    {
      weight: 32,
      arbitrary: fc.record({
        do: fc.constant('deliver' as const),
        how: fc.constantFrom('once', 'once', 'once', 'twice', 'never', 'later', 'as too large'),
        count: fc.constantFrom(1, 2, 3, 300),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('deliverGarbage' as const),
        text: fc.oneof(fc.string(), fc.json(), fc.constant('{"n":"1","isLast":false}')),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('bus' as const), to: fc.constantFrom('down', 'up') }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('holdReads' as const, 'holdSubscriptions' as const) }) },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('answerReads' as const),
        how: fc.constantFrom('late', 'early', 'with an error'),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('answerSubscriptions' as const),
        isRefused: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      }),
    },
    { weight: 12, arbitrary: fc.record({ do: fc.constantFrom('stopReading' as const, 'readOn' as const), reader }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('leave' as const),
        reader,
        how: fc.constantFrom('abort', 'close', 'both'),
      }),
    },
    {
      weight: 16,
      arbitrary: fc.record({
        do: fc.constant('come' as const),
        reader,
        lastEventId: fc.constantFrom('own', 'own', 'own', 'none', 'garbage', 'ahead', 'older'),
      }),
    },
    {
      weight: 20,
      arbitrary: fc.record({ do: fc.constantFrom('fallback' as const, 'settle' as const, 'settle' as const) }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 20, maxLength: 80, size: 'max' },
);

/** How the last messages are delivered. */
type Ending = 'once' | 'twice' | 'as too large';
const endings = fc.constantFrom<Ending>('once', 'twice', 'as too large');

/** One stream of a reader, from coming to whatever ended it. */
interface Visit {
  /** The id and its number that it came with. */
  since: { kind: LastEventId; id: string | undefined; n: number };
  got: Entry[];
  over: 'ended' | 'failed' | 'left' | undefined;
  /** It has been asked for its first event, and so listens. */
  hasBegun: boolean;
  /** It has heard an outside publisher's last message. */
  mustEnd: boolean;
}

interface Reader {
  visits: Visit[];
  /** Id and number of its last event, as an honest client sends them back. */
  lastId: string | undefined;
  lastN: number;
  stopReading(): void;
  readOn(): void;
  leave(how: 'abort' | 'close' | 'both'): void;
  come(
    since: Visit['since'],
    open: (context: { signal: AbortSignal; lastEventId: string | undefined }) => Follower<Entry>,
  ): void;
  /** Listeners that visits have left on their signals. */
  leftovers(): number;
}

/** Reads a stream by the interface given, and fails the test as soon as a stream breaks its promises to its reader. */
function createReader(
  interfaceName: 'pushed' | 'pulled',
  idOf: (item: Entry) => string = ({ n }) => String(n),
): Reader {
  const visits: Visit[] = [];
  const signals: AbortSignal[] = [];
  let isSlow = false;
  let wake = () => {};
  let close: ((how: 'abort' | 'close' | 'both') => void) | undefined;
  let resume = () => {};

  const self: Reader = {
    visits,
    lastId: undefined,
    lastN: 0,
    stopReading: () => (isSlow = true),
    readOn() {
      isSlow = false;
      resume();
      wake();
    },
    leave(how) {
      const visit = visits.at(-1);
      if (!visit || visit.over) return;
      visit.over = 'left';
      close!(how);
      wake();
    },
    come(since, open) {
      if (visits.length > 0 && !visits.at(-1)!.over) return;
      const abort = new AbortController();
      signals.push(abort.signal);
      const visit: Visit = { since, got: [], over: undefined, hasBegun: interfaceName === 'pushed', mustEnd: false };
      visits.push(visit);
      const follower = open({ signal: abort.signal, lastEventId: since.id });
      const receive = (id: string | undefined, item: Entry) => {
        expect(visit.over, 'nothing comes after the end').toBeUndefined();
        visit.got.push(item);
        if (item.n === undefined) return;
        expect(id).toBe(idOf(item));
        self.lastId = id;
        self.lastN = item.n;
      };
      const end = (how: 'ended' | 'failed') => {
        if (visit.over === 'left') return;
        expect(visit.over, 'it ends once').toBeUndefined();
        visit.over = how;
      };
      if (interfaceName === 'pushed') {
        let hasRoom = true;
        const handle: PushHandle = follower[pushTo]({
          event(id, data) {
            expect(hasRoom, 'nothing comes to a reader that has no room').toBe(true);
            receive(id, data as Entry);
            return (hasRoom = !isSlow);
          },
          end: () => end('ended'),
          fail: () => end('failed'),
        });
        resume = () => {
          hasRoom = true;
          handle.resume();
        };
        close = (how) => {
          if (how !== 'close') abort.abort();
          // A consumer of pushed events closes their source, whether or not it also aborts.
          handle.close();
        };
      } else {
        const pull = async () => {
          try {
            for (;;) {
              while (isSlow && !visit.over) await new Promise<void>((resolve) => (wake = resolve));
              if (visit.over) return;
              visit.hasBegun = true;
              const { done, value } = await follower.next();
              if (done) return end('ended');
              if (visit.over !== 'left') receive(value[0], value[1]);
            }
          } catch (error) {
            if (error instanceof Error && error.name === 'AssertionError') throw error;
            end('failed');
          }
        };
        pulls.push(pull());
        resume = () => {};
        close = (how) => {
          if (how !== 'abort') void follower.return();
          if (how !== 'close') abort.abort();
        };
      }
    },
    leftovers: () => signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0),
  };
  return self;
}

/** What pulling readers do in the background; awaited, so that their failures are seen. */
let pulls: Promise<void>[] = [];

/** What streams read: it grows from 0 to whatever the steps write. */
function createModelDatabase() {
  let held: { answer(how: 'late' | 'early' | 'with an error'): void }[] | undefined;
  const self = {
    head: 0,
    isOver: false,
    failedReads: 0,
    /** An answer is made of what there was when it was asked for, `early`, or what there is when it comes. */
    read<T>(answer: (asked: { head: number; isOver: boolean }, visible: number) => T): Promise<T> {
      const asked = { head: self.head, isOver: self.isOver };
      return new Promise((resolve, reject) => {
        const settle = (how: 'late' | 'early' | 'with an error') => {
          if (how === 'with an error') {
            self.failedReads += 1;
            reject(new Error('the database is away'));
          } else resolve(answer(asked, how === 'early' ? asked.head : self.head));
        };
        if (held) held.push({ answer: settle });
        else settle('early');
      });
    },
    holdReads: () => (held ??= []),
    answerReads(how: 'late' | 'early' | 'with an error') {
      const waiting = held ?? [];
      held = undefined;
      for (const { answer } of waiting) answer(how);
    },
  };
  return self;
}

type ModelDatabase = ReturnType<typeof createModelDatabase>;
type Open = (context: FollowContext, database: ModelDatabase, lastEventId: string | undefined) => Follower<Entry>;

const at = (n: number, { head, isOver }: { head: number; isOver: boolean }): Entry => ({
  n,
  isLast: isOver && n === head,
});

const readLog = (database: ModelDatabase, after: number) =>
  database.read((asked, visible) => {
    const last = Math.min(visible, after + pageSize);
    const items = Array.from({ length: Math.max(0, last - after) }, (_, index) => at(after + 1 + index, database));
    return { items, head: asked.head, more: items.length === pageSize, ended: asked.isOver };
  });

const readState = (database: ModelDatabase) =>
  database.read((asked) => (asked.head === 0 ? undefined : at(asked.head, asked)));

const openLog: Open = (context, database, lastEventId) =>
  followLog(context, {
    channels: [channel],
    read: (after = 0) => readLog(database, after),
    sequence: (item) => item.n!,
    isFinal: (item) => item.isLast,
    lastEventId,
  });

const openState: Open = (context, database, lastEventId) =>
  followState(context, {
    channels: [channel],
    read: () => readState(database),
    position: ({ n }) => (n === undefined ? undefined : { id: String(n), order: n }),
    isFinal: ({ isLast }) => isLast,
    lastEventId,
  });

/** The same by bells: a message says only that something has changed. */
const openLogByBell: Open = (context, database, lastEventId) =>
  followLog(context, {
    on: [channel],
    read: (after = 0) => readLog(database, after),
    sequence: (item) => item.n!,
    isFinal: (item) => item.isLast,
    lastEventId,
  });

/** Without a version, too. */
const openStateByBell: Open = (context, database, lastEventId) =>
  followState(context, {
    on: [channel],
    read: () => readState(database),
    isFinal: ({ isLast }) => isLast,
    lastEventId,
  });

/** Takes all steps, then repairs everything, and returns what the readers got. */
async function live(script: Step[], ending: Ending, open: Open, kind: 'log' | 'state', idOf?: (item: Entry) => string) {
  // Of a script that failed.
  vi.clearAllTimers();
  const database = createModelDatabase();
  const bus: ScriptedBus = createScriptedBus();
  const logger = { info() {}, warn() {} };
  const hub: Hub = createHub({ bus, fallbackIntervalMs, logger });
  const readers = [createReader('pushed', idOf), createReader('pulled', idOf)];
  pulls = [];
  /** On their way to those who listen. */
  let wire: Entry[] = [];
  let isLossy = false;

  const settle = async () => {
    await nextTurn();
    await nextTurn();
  };
  const write = (count: number, isLast: boolean) => {
    if (database.isOver) return;
    for (let index = 0; index < count; index++) {
      database.head += 1;
      database.isOver = isLast;
      wire.push(at(database.head, database));
    }
    if (bus.state === 'down') wire = [];
  };
  const come = (reader: Reader, lastEventId: LastEventId) => {
    const older = Math.floor(reader.lastN / 2);
    const since = {
      own: { id: reader.lastId, n: reader.lastN },
      none: { id: undefined, n: 0 },
      garbage: { id: "-1'; drop table runs", n: 0 },
      ahead: { id: String(database.head + 2), n: database.head + 2 },
      older: { id: String(older), n: older },
    }[lastEventId];
    reader.come({ kind: lastEventId, ...since }, (context) =>
      open({ hub, signal: context.signal }, database, context.lastEventId),
    );
  };
  const deliver = (message: Entry, how: Extract<Step, { do: 'deliver' }>['how']) => {
    if (how === 'never') {
      isLossy = true;
      return;
    }
    if (how === 'later') return wire.push(message);
    bus.deliver(channel.name, how === 'as too large' ? undefined : JSON.stringify(message));
    if (how === 'twice') bus.deliver(channel.name, JSON.stringify(message));
    if (message.n === undefined && message.isLast && how !== 'as too large')
      for (const { visits } of readers) if (visits.at(-1)?.hasBegun) visits.at(-1)!.mustEnd = true;
  };

  for (const it of readers) come(it, 'none');
  for (const step of script) {
    switch (step.do) {
      case 'write':
        write(step.count, false);
        break;
      case 'writeLast':
        write(1, true);
        break;
      case 'sendFromOutside':
        if (kind === 'state' && bus.state === 'up') wire.push({ isLast: step.isLast });
        break;
      case 'deliver':
        for (const message of wire.splice(0, step.count)) deliver(message, step.how);
        break;
      case 'deliverGarbage':
        if (!entry.safeParse(safely(step.text)).success) bus.deliver(channel.name, step.text);
        break;
      case 'bus':
        if (step.to === 'up') bus.comeBack();
        else {
          wire = [];
          bus.goDown();
        }
        break;
      case 'holdReads':
        database.holdReads();
        break;
      case 'holdSubscriptions':
        bus.holdAcknowledgements();
        break;
      case 'answerReads':
        database.answerReads(step.how);
        break;
      case 'answerSubscriptions':
        bus.answerSubscriptions(step.isRefused ? new Error('refused') : undefined);
        break;
      case 'stopReading':
        readers[step.reader]!.stopReading();
        break;
      case 'readOn':
        readers[step.reader]!.readOn();
        break;
      case 'leave':
        readers[step.reader]!.leave(step.how);
        break;
      case 'come':
        come(readers[step.reader]!, step.lastEventId);
        break;
      case 'fallback':
        vi.advanceTimersByTime(fallbackIntervalMs);
        break;
      case 'settle':
        await settle();
        break;
    }
  }

  // Everything heals.
  bus.answerSubscriptions();
  bus.comeBack();
  database.answerReads('early');
  for (const it of readers) it.readOn();
  await settle();
  for (const { visits } of readers)
    for (const visit of visits) if (visit.mustEnd) expect(visit.over, 'an end from outside').toBeDefined();

  // The end is written, and readers that are away come back.
  write(1, true);
  for (const it of readers) if (it.visits.at(-1)?.over !== 'ended') come(it, 'own');
  for (const message of wire.splice(0)) deliver(message, ending);
  await settle();
  // Without a lost message or a failed read, no fallback is needed.
  if (!isLossy && database.failedReads === 0)
    for (const { visits } of readers) expect(visits.at(-1)?.over, 'ended without a fallback').toBe('ended');
  vi.advanceTimersByTime(fallbackIntervalMs);
  await settle();
  for (const { visits } of readers) expect(visits.at(-1)?.over, 'the end always arrives').toBe('ended');
  await Promise.all(pulls);

  // Nothing is left.
  expect(hub.stats()).toMatchObject({ watchers: 0, channels: 0 });
  expect(bus.releases().filter((count) => count !== 1)).toEqual([]);
  expect(readers.map((it) => it.leftovers())).toEqual([0, 0]);
  expect(vi.getTimerCount()).toBe(0);
  hub[Symbol.dispose]();
  expect(bus.listenerCount()).toBe(0);
  return { database, readers };
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('whatever the bus, the database and the readers do', () => {
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
          const { database, readers } = await live(script, ending, open, 'log');
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
          const { database, readers } = await live(script, ending, open, kind, idOf);
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

describe.each(['pushed', 'pulled'] as const)('a stream that is %s', (interfaceName) => {
  function setUp(open: Open) {
    const database = createModelDatabase();
    const bus = createScriptedBus();
    const logger = { info() {}, warn() {} };
    const hub = createHub({ bus, fallbackIntervalMs, logger });
    const reader = createReader(interfaceName);
    pulls = [];
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
    expect(reader.leftovers()).toBe(0);
    hub[Symbol.dispose]();
  });
});
