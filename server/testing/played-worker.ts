import { Redis } from 'ioredis';
import { commitRun } from '#server/runs/commit-run.ts';
import { testRedis, type TestSystem } from './resources.ts';
import { passing } from './scripts.ts';

/** Queues a run of a new test. No worker executes it: `begin` and `pass` do what a worker would. */
export async function queueTest({ client }: TestSystem) {
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Watched', script: passing });
  const { runId } = await client.api.tests.run.mutate({ testId });
  return { testId, runId };
}

export const begin = (app: TestSystem, runId: string) =>
  commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });

export const pass = (app: TestSystem, runId: string) =>
  commitRun(app.services, runId, {
    from: ['running'],
    to: 'passed',
    reportPath: `/artifacts/${runId}/report/index.html`,
    events: [{ type: 'test', position: 0, name: 'Watched', status: 'passed', flaky: false, duration: 5, error: null }],
  });

/** Publishes as another program does that knows only Runlight's channels. */
export async function publishFromOutside(app: TestSystem, channel: string, message: string) {
  if (app.serviceOptions.redis) {
    const redis = new Redis(testRedis());
    await redis.publish(`${app.env.REDIS_PREFIX}:${channel}`, message);
    redis.disconnect();
  } else {
    await app.services.bus.publish([{ channel, message }]);
  }
}
