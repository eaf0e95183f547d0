import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { observe, publish, recorder, stateRecorder } from '#server/testing/bus-listeners.ts';
import type { BusRig } from '#server/testing/bus-rig.ts';
import { eventually } from '#server/testing/eventually.ts';

const openSockets = () => process.getActiveResourcesInfo().filter((kind) => /^(TCPSocket|Pipe)Wrap$/.test(kind)).length;

/** What a bus does while its server is away, silent or gone. */
export function outageTests(rig: () => BusRig): void {
  test('when the server ends the connection, the bus reports down, subscribes every channel again and reports reset', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    const channels = Array.from({ length: 700 }, (_, index) => `ok:lost:${index}`);
    await Promise.all(channels.map((channel) => bus.subscribe(channel, listen)));
    const events: string[] = [];
    const published: Promise<void>[] = [];
    bus.onState((event) => {
      events.push(`${event} ${bus.state}`);
      // All are acknowledged already: a message that is sent now arrives.
      if (event === 'reset') published.push(bus.publish(channels.map((channel) => ({ channel, message: channel }))));
    });
    await rig().disconnect();
    await eventually(() => expect(events).toEqual(['down down', 'reset up']));
    await Promise.all(published);
    await eventually(() => expect(messages).toHaveLength(700));
    expect(messages).toEqual(channels);
    expect(await rig().connections()).toBe(rig().kind === 'redis' ? 2 : 1);
  });

  test('when the server restarts, messages are delivered again after the reset, but not to listeners released since', async () => {
    await using bus = await rig().bus();
    const [stays, leaves] = [recorder(), recorder()];
    await bus.subscribe('ok:restart', stays.listen);
    const release = await bus.subscribe('ok:restart:left', leaves.listen);
    const events = stateRecorder(bus);
    const removed = vi.fn();
    bus.onState(removed)();
    await rig().stop();
    await eventually(() => expect(events).toEqual(['down']));
    expect(bus.state).toBe('down');
    release();
    expect(bus.channelCount()).toBe(1);
    await rig().start();
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    expect(bus.state).toBe('up');
    await bus.publish(['ok:restart:left', 'ok:restart'].map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(stays.messages).toEqual(['ok:restart']));
    expect(leaves.messages).toEqual([]);
    expect(removed).not.toHaveBeenCalled();
  });

  test('while the server is down, publishing and pinging fail, and a subscription waits for its return', async () => {
    await using bus = await rig().bus({ timeoutMs: 20_000 });
    const { messages, listen } = recorder();
    const events = stateRecorder(bus);
    await rig().stop();
    await eventually(() => expect(events).toEqual(['down']));
    await expect(publish(bus, 'ok:down', '0')).rejects.toThrow();
    await expect(bus.ping()).rejects.toThrow('out of reach');
    const subscription = observe(bus.subscribe('ok:down', listen));
    await nextTurn();
    expect(subscription.state).toBe('pending');
    await rig().start();
    await subscription.promise;
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    await publish(bus, 'ok:down', '1');
    await eventually(() => expect(messages).toEqual(['1']));
  });

  test('a subscription gives up when the server stays down, and leaves nothing', async () => {
    await using bus = await rig().bus({ timeoutMs: 2_000 });
    await rig().stop();
    await eventually(() => expect(bus.state).toBe('down'));
    const subscription = bus.subscribe('ok:giveup', () => {});
    await expect(subscription).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining('out of reach'),
      cause: expect.any(Error),
    });
    expect(bus.channelCount()).toBe(0);
    await rig().start();
    await eventually(() => expect(bus.state).toBe('up'));
    await (
      await bus.subscribe('ok:giveup', () => {})
    )();
  });

  test('a pending subscription survives the loss of its connection', async () => {
    await using bus = await rig().bus({ timeoutMs: 20_000 });
    const { messages, listen } = recorder();
    const events = stateRecorder(bus);
    let subscription: ReturnType<typeof observe>;
    {
      using _ = await rig().freeze();
      subscription = observe(bus.subscribe('ok:lost', listen));
      await nextTurn();
      expect(subscription.state).toBe('pending');
      if (rig().kind === 'redis') await rig().stop();
      else await rig().disconnect();
    }
    if (rig().kind === 'redis') await rig().start();
    await subscription.promise;
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    await publish(bus, 'ok:lost', '1');
    await eventually(() => expect(messages).toEqual(['1']));
    expect(bus.channelCount()).toBe(1);
  });

  test('a silent server is detected and its connection replaced', async () => {
    await using bus = await rig().bus({ heartbeatMs: 50, timeoutMs: 1_000 });
    const { messages, listen } = recorder();
    const events = stateRecorder(bus);
    await bus.subscribe('ok:silent', listen);
    {
      using _ = await rig().freeze();
      // A busy machine may be silent for so long by itself: the connection that took its place is not a frozen one.
      await eventually(() => expect(events[0]).toBe('down'));
    }
    await eventually(async () => {
      await publish(bus, 'ok:silent', '1');
      expect(messages).toContain('1');
    });
    expect(events.slice(0, 2)).toEqual(['down', 'reset']);
  });

  test('disposing closes every connection and rejects pending and later calls', async () => {
    await rig().connections();
    const before = openSockets();
    const bus = await rig().bus();
    const events = stateRecorder(bus);
    const release = await bus.subscribe('ok:dispose', () => {});
    let waiting: Promise<unknown>;
    {
      using _ = await rig().freeze();
      waiting = bus.subscribe('ok:dispose:waiting', () => {});
      await nextTurn();
      await Promise.all([expect(waiting).rejects.toThrow('closed'), bus[Symbol.asyncDispose]()]);
      await eventually(() => expect(openSockets()).toBeLessThanOrEqual(before));
    }
    await eventually(async () => expect(await rig().connections()).toBe(0));
    await expect(bus.subscribe('ok:dispose', () => {})).rejects.toThrow('closed');
    await expect(bus.ping()).rejects.toThrow('closed');
    release();
    expect(bus.channelCount()).toBe(0);
    expect(bus.state).toBe('down');
    expect(events).toEqual([]);
    await bus[Symbol.asyncDispose]();
  });

  test('a bus can be disposed while its server is down', async () => {
    const bus = await rig().bus();
    await rig().stop();
    await eventually(() => expect(bus.state).toBe('down'));
    const waiting = bus.subscribe('ok:dispose:down', () => {});
    await Promise.all([expect(waiting).rejects.toThrow('closed'), bus[Symbol.asyncDispose]()]);
    await rig().start();
    await eventually(async () => expect(await rig().connections()).toBe(0));
  });

  test('creating a bus without a server fails with an error that says where, why and what to do', async () => {
    await rig().stop();
    try {
      const error = await rig()
        .bus({ timeoutMs: 1_000 })
        .catch((reason: unknown) => reason as Error);
      expect(error).toBeInstanceOf(Error);
      const where = rig().kind === 'redis' ? /Redis at 127\.0\.0\.1:\d+[ ,]/ : /PostgreSQL at \/.*\.s\.PGSQL\.\d+ /;
      expect((error as Error).message).toMatch(where);
      expect((error as Error).message).toMatch(/(ECONNREFUSED|ENOENT).*\. Start /);
      expect((error as Error).cause).toBeInstanceOf(Error);
    } finally {
      await rig().start();
    }
  });
}
