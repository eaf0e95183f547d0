import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { AppError } from '#server/lib/errors.ts';
import { observe, publish, recorder, settle } from '#server/testing/bus-listeners.ts';
import type { BusRig } from '#server/testing/bus-rig.ts';
import { eventually } from '#server/testing/eventually.ts';

/** What a bus subscribes, and when. */
export function subscriptionTests(rig: () => BusRig): void {
  test('holds one subscription per channel until its last listener is released; releasing twice changes nothing', async () => {
    await using bus = await rig().bus();
    const listeners = [recorder(), recorder(), recorder()];
    const releases: (() => void)[] = [];
    for (const { listen } of listeners) releases.push(await bus.subscribe('ok:count', listen));
    expect(bus.channelCount()).toBe(1);
    expect(await rig().subscribers('ok:count')).toBe(1);

    releases[0]?.();
    releases[0]?.();
    releases[0]?.();
    releases[1]?.();
    await publish(bus, 'ok:count', '1');
    await eventually(() => expect(listeners[2]?.messages).toEqual(['1']));
    expect(listeners[0]?.messages).toEqual([]);
    expect(bus.channelCount()).toBe(1);

    releases[2]?.();
    await eventually(async () => expect(await rig().subscribers('ok:count')).toBe(0));
    await eventually(() => expect(bus.channelCount()).toBe(0));
    await publish(bus, 'ok:count', '2');
    await settle(bus);
    expect(listeners[2]?.messages).toEqual(['1']);
  });

  test('a function that subscribes twice gets each message twice', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    const release = await bus.subscribe('ok:twice', listen);
    await bus.subscribe('ok:twice', listen);
    await publish(bus, 'ok:twice', '1');
    await eventually(() => expect(messages).toEqual(['1', '1']));
    release();
    await publish(bus, 'ok:twice', '2');
    await eventually(() => expect(messages).toEqual(['1', '1', '2']));
  });

  test('the first listeners of a channel wait for the same acknowledgement', async () => {
    await using bus = await rig().bus();
    const [one, two] = [recorder(), recorder()];
    const subscriptions: ReturnType<typeof observe>[] = [];
    {
      using _ = await rig().freeze();
      subscriptions.push(observe(bus.subscribe('ok:both', one.listen)));
      await nextTurn();
      subscriptions.push(observe(bus.subscribe('ok:both', two.listen)));
      await nextTurn();
      expect(subscriptions.map(({ state }) => state)).toEqual(['pending', 'pending']);
      expect(bus.channelCount()).toBe(1);
    }
    await Promise.all(subscriptions.map(({ promise }) => promise));
    expect(await rig().subscribers('ok:both')).toBe(1);
    await publish(bus, 'ok:both', '1');
    await eventually(() => expect([one.messages, two.messages]).toEqual([['1'], ['1']]));
  });

  test('a channel that is wanted again while it is being unsubscribed is subscribed again', async () => {
    await using bus = await rig().bus();
    const [before, after] = [recorder(), recorder()];
    const release = await bus.subscribe('ok:again', before.listen);
    let again: ReturnType<typeof observe>;
    {
      using _ = await rig().freeze();
      release();
      // The command to unsubscribe is on its way now.
      await nextTurn();
      again = observe(bus.subscribe('ok:again', after.listen));
      await nextTurn();
      expect(again.state).toBe('pending');
      expect(bus.channelCount()).toBe(1);
    }
    await again.promise;
    expect(await rig().subscribers('ok:again')).toBe(1);
    await publish(bus, 'ok:again', '1');
    await eventually(() => expect(after.messages).toEqual(['1']));
    expect(before.messages).toEqual([]);
  });

  test('a channel that is wanted again just before it is unsubscribed stays subscribed', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    const release = await bus.subscribe('ok:kept', () => {});
    let other: Promise<unknown>;
    {
      using _ = await rig().freeze();
      // Leaves in the same round as the release, and before it.
      other = bus.subscribe('ok:other', () => {});
      release();
      await nextTurn();
      await bus.subscribe('ok:kept', listen);
    }
    await other;
    await settle(bus);
    await publish(bus, 'ok:kept', '1');
    await eventually(() => expect(messages).toEqual(['1']));
    await eventually(() => expect(bus.channelCount()).toBe(2));
  });

  test('a channel that is released before it is acknowledged is unsubscribed', async () => {
    await using bus = await rig().bus();
    let subscription: Promise<() => void>;
    {
      using _ = await rig().freeze();
      subscription = bus.subscribe('ok:early', () => {});
      void subscription.then((release) => release());
      await nextTurn();
    }
    await subscription;
    await eventually(() => expect(bus.channelCount()).toBe(0));
    expect(await rig().subscribers('ok:early')).toBe(0);
  });

  test('after any mixture of subscribing, aborting and releasing, exactly the remaining listeners get messages', async () => {
    await using bus = await rig().bus();
    const channels = ['ok:mix:0', 'ok:mix:1', 'ok:mix:2'];
    const held: { channel: string; release: () => void; heard: (string | undefined)[] }[] = [];
    const pending: Promise<void>[] = [];
    // A linear congruential generator: the same mixture every time.
    let seed = 42;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let step = 0; step < 1_500; step += 1) {
      const action = random(10);
      if (action < 4) {
        const channel = channels[random(3)] ?? '';
        const controller = new AbortController();
        const { messages, listen } = recorder();
        pending.push(
          bus.subscribe(channel, listen, { signal: controller.signal }).then(
            (release) => void held.push({ channel, release, heard: messages }),
            (error) => expect(error).toBe(controller.signal.reason),
          ),
        );
        if (action === 0) controller.abort(new Error('left'));
      } else if (action < 9) {
        held.splice(random(Math.max(1, held.length)), 1)[0]?.release();
      } else {
        await nextTurn();
      }
    }
    await Promise.all(pending);
    const left = new Set(held.map(({ channel }) => channel));
    await eventually(() => expect(bus.channelCount()).toBe(left.size));
    for (const { heard } of held) heard.length = 0;
    await bus.publish(channels.map((channel) => ({ channel, message: channel })));
    await settle(bus);
    expect(held.length).toBeGreaterThan(0);
    for (const { channel, heard } of held) expect(heard).toEqual([channel]);
    for (const { release } of held) release();
    await eventually(() => expect(bus.channelCount()).toBe(0));
  });

  test('a channel that the server refuses rejects all its subscribers and no other channel', async () => {
    await using bus = await rig().bus();
    const refused = [bus.subscribe(rig().refused, () => {}), bus.subscribe(rig().refused, () => {})];
    const { messages, listen } = recorder();
    const allowed = ['ok:1', 'ok:2', 'ok:3'].map((channel) => bus.subscribe(channel, listen));
    const results = await Promise.allSettled(refused);
    for (const result of results) {
      const reason: unknown = result.status === 'rejected' && result.reason;
      expect(reason).toBeInstanceOf(AppError);
      expect(reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: expect.any(Error) });
    }
    await Promise.all(allowed);
    expect(bus.channelCount()).toBe(3);
    await bus.publish(['ok:1', 'ok:2', 'ok:3'].map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(messages).toEqual(['ok:1', 'ok:2', 'ok:3']));
    await expect(bus.subscribe(rig().refused, () => {})).rejects.toThrow('refused');
    expect(bus.channelCount()).toBe(3);
    expect(bus.state).toBe('up');
  });

  test('an aborted subscription rejects at once with the reason and leaves no channel', async () => {
    await using bus = await rig().bus();
    const reason = new Error('gone');
    await expect(bus.subscribe('ok:abort', () => {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(bus.channelCount()).toBe(0);

    const stays = recorder();
    const leaves = recorder();
    const controller = new AbortController();
    let other: Promise<() => void>;
    {
      using _ = await rig().freeze();
      const alone = bus.subscribe('ok:alone', leaves.listen, { signal: controller.signal });
      const shared = bus.subscribe('ok:shared', leaves.listen, { signal: controller.signal });
      other = bus.subscribe('ok:shared', stays.listen);
      await nextTurn();
      controller.abort(reason);
      await Promise.all([expect(alone).rejects.toBe(reason), expect(shared).rejects.toBe(reason)]);
    }
    await other;
    await eventually(() => expect(bus.channelCount()).toBe(1));
    await bus.publish(['ok:alone', 'ok:shared'].map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(stays.messages).toEqual(['ok:shared']));
    expect(leaves.messages).toEqual([]);
  });

  test('aborting after the acknowledgement changes nothing', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    const controller = new AbortController();
    await bus.subscribe('ok:late', listen, { signal: controller.signal });
    controller.abort();
    await publish(bus, 'ok:late', '1');
    await eventually(() => expect(messages).toEqual(['1']));
  });

  test('2,000 channels are subscribed and unsubscribed', async () => {
    await using bus = await rig().bus();
    const { messages, listen } = recorder();
    const channels = Array.from({ length: 2_000 }, (_, index) => `ok:many:${index}`);
    const releases = await Promise.all(channels.map((channel) => bus.subscribe(channel, listen)));
    expect(bus.channelCount()).toBe(2_000);
    await bus.publish(channels.map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(messages).toHaveLength(2_000));
    expect(messages).toEqual(channels);
    for (const release of releases) release();
    await eventually(() => expect(bus.channelCount()).toBe(0));
    expect(await rig().subscribers('ok:many:0')).toBe(0);
    expect(await rig().subscribers('ok:many:1999')).toBe(0);
  });
}
