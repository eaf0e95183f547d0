import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { createHub, type Hub } from '#server/live/hub.ts';
import { at, channel, createModelDatabase, type Entry, entrySchema, type Open } from './model-database.ts';
import { paceMs } from './model-deltas.ts';
import { createReader, type Reader } from './model-reader.ts';
import { createScriptedBus, type ScriptedBus } from './scripted-bus.ts';
import type { Ending, LastEventId, Step } from './stream-steps.ts';

export const fallbackIntervalMs = 30_000;

/**
 * Takes all steps with two readers, then repairs everything, checks that each stream ends and that nothing stays open,
 * and returns what the readers got. Timers must be fake.
 */
export async function takeSteps(
  script: Step[],
  ending: Ending,
  open: Open,
  kind: 'log' | 'state' | 'deltas',
  idOf?: (item: Entry) => string,
) {
  // A script that failed has left some.
  vi.clearAllTimers();
  const database = createModelDatabase();
  const bus: ScriptedBus = createScriptedBus();
  const logger = { info() {}, warn() {} };
  const hub: Hub = createHub({ bus, fallbackIntervalMs, logger });
  const readers = [createReader('pushed', idOf), createReader('pulled', idOf)];
  /** Messages on their way to listeners. */
  let wire: Entry[] = [];
  let isLossy = false;

  const settle = async () => {
    await nextTurn();
    await nextTurn();
    if (kind !== 'deltas') return;
    vi.advanceTimersByTime(paceMs);
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
        if (!entrySchema.safeParse(safely(step.text)).success) bus.deliver(channel.name, step.text);
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
  await Promise.all(readers.map((it) => it.pulled()));

  // Nothing is left.
  expect(hub.stats()).toMatchObject({ watchers: 0, channels: 0 });
  expect(bus.releases().filter((count) => count !== 1)).toEqual([]);
  expect(readers.map((it) => it.abortListeners())).toEqual([0, 0]);
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
