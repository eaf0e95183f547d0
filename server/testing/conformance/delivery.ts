import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { publish, recorder, settle } from '#server/testing/bus-listeners.ts';
import { type BusRig, quiet } from '#server/testing/bus-rig.ts';
import { eventually } from '#server/testing/eventually.ts';

/** How a bus delivers messages. */
export function deliveryTests(rig: () => BusRig): void {
  test('delivers a message to every listener of its channel in another process, and to no other listener', async () => {
    await using sender = await rig().bus();
    await using receiver = await rig().bus();
    const [one, two, other] = [recorder(), recorder(), recorder()];
    const channels: string[] = [];
    await receiver.subscribe('ok:a', one.listen);
    await receiver.subscribe('ok:a', (message, channel) => {
      two.listen(message);
      channels.push(channel);
    });
    await receiver.subscribe('ok:b', other.listen);
    await publish(sender, 'ok:a', '{"n":1}');
    await eventually(() => expect(two.messages).toEqual(['{"n":1}']));
    expect(one.messages).toEqual(['{"n":1}']);
    expect(channels).toEqual(['ok:a']);
    await settle(receiver);
    expect(other.messages).toEqual([]);
    expect(receiver.kind).toBe(rig().kind);
    expect(receiver.state).toBe('up');
    await receiver.ping();
  });

  test('keeps the order of messages, within one call and over calls that are not awaited', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    await bus.subscribe('ok:order', listen);
    const expected = Array.from({ length: 600 }, (_, index) => String(index));
    const calls: Promise<void>[] = [];
    for (let index = 0; index < 600; index += 3) {
      const batch = expected.slice(index, index + 3).map((message) => ({ channel: 'ok:order', message }));
      calls.push(bus.publish(batch));
      if (index % 30 === 0) await nextTurn();
    }
    await Promise.all(calls);
    await eventually(() => expect(messages).toHaveLength(600));
    expect(messages).toEqual(expected);
  });

  test('publishing an empty list resolves', async () => {
    await using bus = await rig().bus();
    await expect(bus.publish([])).resolves.toBeUndefined();
  });

  test('delivers any text unchanged', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    await bus.subscribe('ok:text', listen);
    const texts = [
      '{"a":"\\u0000"}',
      '',
      'not JSON',
      `'; drop table runs; --`,
      '\u0001\u0001"x"\nbody',
      'two\nlines\r\n\ttab \\ "quotes"',
      'ä € 漢字 👩‍🚀 \u2028 \u{10ffff}',
      '{'.repeat(1_000),
    ];
    await bus.publish(texts.map((message) => ({ channel: 'ok:text', message })));
    await eventually(() => expect(messages).toHaveLength(texts.length));
    expect(messages).toEqual(texts);
  });

  test('keeps channels apart, even with very long names', async () => {
    await using bus = await rig().bus();
    const long = `ok:${'x'.repeat(500)}`;
    const names = ['ok:"quoted"; select 1', 'ok:ä€漢👩‍🚀', 'ok:%s \\ \n', `ok:${'ä'.repeat(40)}`, `${long}1`, `${long}2`];
    const received: string[][] = [];
    for (const name of names) await bus.subscribe(name, (message, channel) => received.push([channel, message ?? '']));
    for (const name of names) await publish(bus, name, JSON.stringify(name));
    await eventually(() => expect(received).toHaveLength(names.length));
    await settle(bus);
    expect(received).toEqual(names.map((name) => [name, JSON.stringify(name)]));
  });

  test('delivers a large message, or undefined in its place', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    const long = `ok:${'x'.repeat(100)}`;
    await bus.subscribe('ok:large', listen);
    await bus.subscribe(long, listen);
    // 7,900 and 7,902 bytes, of half as many characters.
    const [fits, over, huge] = ['ä'.repeat(3_950), 'ä'.repeat(3_951), 'x'.repeat(2_000_000)];
    await publish(bus, 'ok:large', fits);
    await publish(bus, 'ok:large', over);
    await publish(bus, 'ok:large', huge);
    await publish(bus, long, huge);
    await eventually(() => expect(messages).toHaveLength(4));
    const whole = (message: string) => (Buffer.byteLength(message) <= rig().maxBytes ? message : undefined);
    expect(messages).toEqual([whole(fits), whole(over), whole(huge), whole(huge)]);
    expect(messages[0]).toBe(fits);
  });

  test('a listener that throws is logged and harms neither other listeners nor the bus', async () => {
    const warn = vi.fn();
    await using bus = await rig().bus({ logger: { ...quiet, warn } });
    const { messages, listen } = recorder();
    await bus.subscribe('ok:throw', () => {
      throw new Error('broken listener');
    });
    await bus.subscribe('ok:throw', listen);
    await publish(bus, 'ok:throw', '1');
    await publish(bus, 'ok:throw', '2');
    await eventually(() => expect(messages).toEqual(['1', '2']));
    expect(warn).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ channel: 'ok:throw', err: { message: 'broken listener' } });
    expect(bus.state).toBe('up');
  });

  test('listeners may subscribe and release while a message is delivered', async () => {
    await using bus = await rig().bus();
    const [added, removed] = [recorder(), recorder()];
    const adding: Promise<unknown>[] = [];
    let removeNext = () => {};
    await bus.subscribe('ok:change', () => {
      removeNext();
      adding.push(bus.subscribe('ok:change', added.listen));
    });
    removeNext = await bus.subscribe('ok:change', removed.listen);
    await publish(bus, 'ok:change', '1');
    await settle(bus);
    await Promise.all(adding);
    expect(removed.messages).toEqual([]);
    expect(added.messages).toEqual([]);
    await publish(bus, 'ok:change', '2');
    await eventually(() => expect(added.messages).toEqual(['2']));
  });
}
