import { expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { testApp } from '#server/testing/resources.ts';
import { testUser } from '#server/testing/users.ts';

test('a stream that would not be counted is refused', async () => {
  await using app = await testApp();
  for (const path of ['/%61pi/trpc/queue.onStats', '/api/trpc/queue%2eonStats', '/api/%74rpc/queue.onStats']) {
    const answer = await fetch(`${app.url}${path}`, { headers: app.headers });
    expect(await answer.text(), path).toContain('one at a time');
  }
});

test('the number of streams of a user is limited', async () => {
  await using app = await testApp({ accounts: { streamsPerUser: 2 } });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const [first, second] = [ada.stream((api) => api.activity.onEvents), ada.stream((api) => api.queue.onStats)];
  await Promise.all([first.started, second.started]);
  await eventually(() => expect(app.services.hub.stats().watchers).toBe(2));
  await expect(ada.stream((api) => api.workers.onPresence).ended).rejects.toThrow('STREAMS_PER_USER');
  first.close();
  await eventually(() => expect(app.services.hub.stats().watchers).toBe(1));
  const third = ada.stream((api) => api.workers.onPresence);
  await eventually(() => expect(third.data).toHaveLength(1));
  ada.closeStreams();
});
