import { Readable } from 'node:stream';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { notificationPayload } from '#shared/notification-payload.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { type ReceivedRequest, startTargetServer, type TargetServer } from '#server/testing/target-server.ts';
import { failuresUntilPause } from './record-outcome.ts';

const env = { NOTIFY_PRIVATE_ADDRESSES: '127.0.0.1', NOTIFY_BACKOFF: '20', NOTIFY_TIMEOUT: '400' };

type App = Pick<TestSystem, 'client' | 'services'>;

function createRule({ client }: Pick<TestSystem, 'client'>, target: TargetServer) {
  return client.api.notifications.create.mutate({
    name: 'Robot',
    events: ['always'],
    scope: { kind: 'all' },
    target: { kind: 'webhook', url: `${target.url}/hook` },
  });
}

/** Ends so many runs, one after the other. */
async function endRuns({ client, services }: App, count: number): Promise<string[]> {
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Pays', script: passing });
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const { runId } = await client.api.tests.run.mutate({ testId });
    await commitRun(services, runId, { from: ['queued'], to: n % 2 === 0 ? 'failed' : 'passed' });
    ids.push(runId);
  }
  return ids;
}

const idsOf = (requests: readonly ReceivedRequest[]) => requests.map(({ headers }) => headers['webhook-id']);
const payloadOf = ({ body }: ReceivedRequest) => notificationPayload.parse(JSON.parse(body));
const deliveriesOf = async ({ client }: Pick<TestSystem, 'client'>) =>
  (await client.api.notifications.deliveries.query()).items;

describe.each(['redis', 'postgres'] as const)('deliveries by the queue on %s', (backend) => {
  test('reach a target that fails and hangs once each and in order, signed as Standard Webhooks says', async () => {
    await using app = await testApp({ backend, env });
    await using target = await startTargetServer();
    const { id: ruleId, secret } = await createRule(app, target);
    const accepted: ReceivedRequest[] = [];
    target.answer((request) => {
      if (target.received.length <= 3) return 503;
      // The target has taken the message, but does not answer.
      if (target.received.length === 4) return undefined;
      accepted.push(request);
      return 200;
    });
    const runIds = await endRuns(app, 5);
    await eventually(() => expect(accepted).toHaveLength(5));

    const payloads = accepted.map(payloadOf);
    expect(payloads.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(payloads.map(({ data }) => data.run?.id)).toEqual(runIds);
    expect(payloads[0]).toMatchObject({ type: 'run.ended', project: { name: 'Default' }, rule: { name: 'Robot' } });
    expect(payloads[0]!.data.run!.url).toMatch(new RegExp(`^http://127.0.0.1:\\d+/runs/${runIds[0]}$`));
    // Attempts of one delivery have one id and one body.
    expect(new Set(idsOf(target.received.slice(0, 5))).size).toBe(1);
    expect(new Set(target.received.slice(0, 5).map(({ body }) => body)).size).toBe(1);
    expect(new Set(idsOf(accepted)).size).toBe(5);
    for (const { body, headers } of accepted) new Webhook(secret!).verify(body, headers);
    expect(() => new Webhook(secret!).verify(`${accepted[0]!.body} `, accepted[0]!.headers)).toThrow();

    // For a day after a rotation, messages are signed with both the old key and the new one.
    const { notifications } = app.client.api;
    const rotated = await notifications.rotateKey.mutate({ ruleId });
    await expect(notifications.rotateKey.mutate({ ruleId })).rejects.toThrow('was rotated already');
    expect((await notifications.list.query()).items).toMatchObject([{ retiresAt: rotated.retiresAt }]);
    const newest = async () => {
      await notifications.test.mutate({ ruleId });
      const { body, headers } = target.received.at(-1)!;
      const signs = (key: string) => () => new Webhook(key).verify(body, headers);
      return { old: signs(secret!), new: signs(rotated.secret) };
    };
    const both = await newest();
    both.old();
    both.new();
    await app.services.db.updateTable('notificationRules').set({ retiresAt: new Date() }).execute();
    const one = await newest();
    one.new();
    expect(one.old).toThrow('No matching signature found');

    await eventually(async () =>
      expect(await deliveriesOf(app)).toMatchObject([
        ...Array.from({ length: 4 }, () => ({ state: 'delivered', attempts: 1, answerStatus: 200, error: null })),
        { state: 'delivered', attempts: 5, answerStatus: 200, answerBody: 'answer 200', summary: 'Pays failed' },
      ]),
    );
  });
});

test('deliveries arrive although a process is killed while it sends, or the run ended while no process was there', async () => {
  await using cluster = await testCluster({ bus: 'postgres' });
  await using target = await startTargetServer();
  const first = await cluster.startApi(env);
  const client = createTestClient(first);
  const of = { client, services: cluster.services };
  target.answer(() => undefined);
  await createRule(of, target);
  const [runId] = await endRuns(of, 1);
  await eventually(() => expect(target.received).toHaveLength(1));
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Ships', script: passing });
  const queued = await client.api.tests.run.mutate({ testId });
  first.kill('SIGKILL');
  await first.exit;
  await commitRun(cluster.services, queued.runId, { from: ['queued'], to: 'failed' });

  target.answer(() => 204);
  const second = await cluster.startApi(env);
  await eventually(async () =>
    expect(await deliveriesOf({ client: createTestClient(second) })).toMatchObject([
      { state: 'delivered', runId: queued.runId },
      { state: 'delivered', runId },
    ]),
  );
  const ids = idsOf(target.received);
  expect(ids[0]).toBe(ids.at(-2));
  expect(new Set(ids).size).toBe(2);
});

test('a rule is paused when its target keeps failing, waits, and goes on where it was once it is resumed', async () => {
  await using app = await testApp({ env: { ...env, NOTIFY_BACKOFF: '1' } });
  await using target = await startTargetServer();
  const { id: ruleId } = await createRule(app, target);
  target.answer(() => 500);
  await endRuns(app, 2);
  const { notifications } = app.client.api;
  const rule = async () => (await notifications.list.query()).items[0]!;
  await eventually(async () => expect((await rule()).pausedAt).not.toBeNull());
  expect(await rule()).toMatchObject({
    failures: failuresUntilPause,
    lastError: 'The target answered 500.',
    waiting: 2,
    enabled: true,
  });
  expect(target.received).toHaveLength(failuresUntilPause);
  expect(await app.client.api.overview.get.query()).toMatchObject({ pausedRules: 1 });
  expect((await app.client.api.audit.list.query({ action: ['notification.paused'] })).items).toMatchObject([
    { targetName: 'Robot', actorKind: 'system', details: { reason: 'The target answered 500.' } },
  ]);

  target.answer(() => 204);
  await notifications.resume.mutate({ ruleId });
  await eventually(async () => expect(await rule()).toMatchObject({ waiting: 0, failures: 0, pausedAt: null }));
  expect(target.received.slice(failuresUntilPause).map((it) => payloadOf(it).sequence)).toEqual([1, 2]);

  const [newest] = await deliveriesOf(app);
  await notifications.redeliver.mutate({ deliveryId: newest!.id });
  await eventually(() => expect(target.received).toHaveLength(failuresUntilPause + 3));
  expect(target.received.at(-1)).toMatchObject({ body: newest!.body, headers: { 'webhook-id': newest!.id } });

  // A delivery that is refused for good is not tried again, and does not hold up others.
  target.answer(() => 410);
  await endRuns(app, 1);
  await eventually(async () => expect((await deliveriesOf(app))[0]).toMatchObject({ state: 'failed', attempts: 1 }));
  await notifications.update.mutate({ ruleId, enabled: false });
  await expect(notifications.redeliver.mutate({ deliveryId: newest!.id })).rejects.toThrow('The rule is disabled');
});

test('messages go to no address of our own network, by number, by name or by redirect', async () => {
  await using target = await startTargetServer();
  await using hidden = await startTargetServer('127.0.0.2');
  await using guarded = await testApp({});
  const tryAddress = async ({ client }: TestSystem, url: string) => {
    const { notifications } = client.api;
    const rule = { name: 'Spy', events: ['always' as const], scope: { kind: 'all' as const } };
    const { id: ruleId } = await notifications.create.mutate({ ...rule, target: { kind: 'webhook', url } });
    return notifications.test.mutate({ ruleId });
  };
  for (const host of [
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '169.254.169.254',
    '10.1.2.3',
    '[fd00::1]',
    '[64:ff9b::7f00:1]',
    '168.63.129.16',
  ])
    expect(await tryAddress(guarded, `http://${host}:${target.port}/`), host).toMatchObject({
      ok: false,
      status: null,
      error: expect.stringContaining('is not on the public internet'),
    });
  expect(target.received).toEqual([]);

  await using app = await testApp({ env });
  target.answer((_, res) => void res.writeHead(302, { location: `${hidden.url}/secret` }).end());
  expect(await tryAddress(app, `${target.url}/`)).toMatchObject({
    ok: false,
    status: 302,
    error: expect.stringContaining(`a redirect to ${hidden.url}/secret, which is not followed`),
  });
  expect(await tryAddress(app, hidden.url)).toMatchObject({ ok: false, status: null });
  expect(hidden.received).toEqual([]);
  // An answer without end is read no further than its beginning, and one that never comes is not waited for.
  target.answer((_, res) => void Readable.from(endless()).pipe(res));
  const answered = await tryAddress(app, `${target.url}/`);
  expect(answered).toMatchObject({ ok: true, status: 200 });
  expect(answered.body!.length).toBeLessThan(5_000);
  target.answer(() => undefined);
  expect(await tryAddress(app, `${target.url}/`)).toMatchObject({
    ok: false,
    error: expect.stringContaining('in time'),
  });
});

function* endless() {
  while (true) yield 'x'.repeat(1_000);
}
