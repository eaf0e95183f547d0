import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Channel } from '#shared/channels.ts';
import { lastEventId } from '#shared/inputs.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { serveRouter } from '#server/testing/serve-router.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { busMessage } from './publisher.ts';
import { batchReads } from './batch-reads.ts';
import { changes } from './changes.ts';
import { followState } from './follow-state.ts';

const bell: Channel<string> = { name: 'example:bell', schema: z.string() };
const input = z.object({ lastEventId });

/** How many tests there are: state that is derived from a table, in several forms. */
function createCountRouter({ services: { db, hub } }: TestSystem) {
  const reads = batchReads(async () => {
    const { count } = await db
      .selectFrom('tests')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return new Map([['all', { count: Number(count) }]]);
  });
  const read = () => reads('all');
  return router({
    onCount: procedure.viewer
      .input(input)
      .subscription(({ input, signal }) =>
        followState({ hub, signal }, { on: [bell], read, lastEventId: input.lastEventId }),
      ),
    onCountToThree: procedure.viewer
      .input(input)
      .subscription(({ input, signal }) =>
        followState(
          { hub, signal },
          { on: [bell], read, isFinal: ({ count }) => count >= 3, lastEventId: input.lastEventId },
        ),
      ),
    onCountPlain: procedure.viewer.input(input).subscription(async function* ({ input, signal }) {
      yield* changes({ hub, signal }, { on: [bell], read, lastEventId: input.lastEventId });
    }),
  });
}

/** Adds a test to the table, and rings. */
async function add({ client, services: { publisher } }: TestSystem, { rings = 1 } = {}) {
  await client.api.tests.create.mutate({ name: 'Counted', script: `test('is counted', () => {})` });
  publisher.publish(Array.from({ length: rings }, () => busMessage(bell, 'rung')));
}

describe.each(['redis', 'postgres'] as const)('derived state over %s', (backend) => {
  test.each(['onCount', 'onCountPlain'] as const)('reaches clients at every bell, by %s', async (name) => {
    await using app = await testApp({ backend });
    await using served = await serveRouter(app, createCountRouter(app));
    const streams = Array.from({ length: 5 }, () => served.client.stream((api) => api[name], {}));
    await eventually(() => expect(streams.map(({ data }) => data)).toEqual(streams.map(() => [{ count: 0 }])));
    await add(app, { rings: 300 });
    await eventually(() => expect(streams.map(({ data }) => data.at(-1))).toEqual(streams.map(() => ({ count: 1 }))));
    for (const { data } of streams) expect(data).toHaveLength(2);
  });

  test.each(['onCount', 'onCountPlain'] as const)(
    'is resumed by id, by %s: an equal state is not sent again',
    async (name) => {
      await using app = await testApp({ backend });
      await using served = await serveRouter(app, createCountRouter(app));
      const first = served.client.stream((api) => api[name], {});
      await eventually(() => expect(first.data).toEqual([{ count: 0 }]));
      const { id } = first.events[0]!;
      first.close();
      const resumed = served.client.stream((api) => api[name], { lastEventId: id });
      await resumed.started;
      await add(app);
      await eventually(() => expect(resumed.data).toEqual([{ count: 1 }]));
    },
  );

  test('is found by the fallback poll when the bus says nothing', async () => {
    await using app = await testApp({ backend, fallbackIntervalMs: 200 });
    await using served = await serveRouter(app, createCountRouter(app));
    const stream = served.client.stream((api) => api.onCount, {});
    await eventually(() => expect(stream.data).toEqual([{ count: 0 }]));
    await add(app, { rings: 0 });
    await eventually(() => expect(stream.data).toEqual([{ count: 0 }, { count: 1 }]));
  });

  test('completes with its final state', async () => {
    await using app = await testApp({ backend });
    await using served = await serveRouter(app, createCountRouter(app));
    const stream = served.client.stream((api) => api.onCountToThree, {});
    await eventually(() => expect(stream.data).toHaveLength(1));
    for (let count = 1; count <= 3; count += 1) await add(app);
    await stream.ended;
    expect(stream.data.at(-1)).toEqual({ count: 3 });
    expect(app.services.hub.stats().watchers).toBe(0);
  });
});
