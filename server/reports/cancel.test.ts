import { expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { beginInput, caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { testApp, useTestApp } from '#server/testing/resources.ts';
import type { TestClient } from '#server/testing/client.ts';
import { testUser } from '#server/testing/users.ts';

const app = useTestApp({});

const commandsOf = (client: TestClient, of: { runId: string; part: number; session: string }) =>
  client.stream((api) => api.reports.onCommands, { runId: of.runId, part: of.part, session: of.session });

test('a cancel reaches every reporter, says who asked for it, and ends the run when they have stopped', async () => {
  const { client } = app();
  const { api } = client;
  const { build } = beginInput();
  const [first, second] = [
    await playReporter(client, { build, shard: { current: 1, total: 3 } }),
    await playReporter(client, { build, shard: { current: 2, total: 3 } }),
  ];
  const { runId } = first;
  const commands = [commandsOf(client, first), commandsOf(client, second)];
  await first.report(casesEntry('one', 'two'), caseEntry(0, 'running'));
  await eventually(() => expect(commands.map(({ data }) => data.length)).toEqual([1, 1]));
  expect(commands[0]!.data).toMatchObject([{ cancel: null, isOver: false }]);

  expect(await api.runs.cancel.mutate({ runId })).toEqual({ runId, status: 'running' });
  for (const stream of commands)
    await eventually(() => expect(stream.data.at(-1)).toMatchObject({ cancel: { by: 'Access token' }, isOver: false }));
  await first.report(caseEntry(0, 'interrupted'));
  expect(await first.finish('interrupted')).toEqual({ status: 'running' });
  // The third shard never began, so the run does not wait for it.
  expect(await second.finish('interrupted')).toEqual({ status: 'cancelled' });
  await Promise.all(commands.map(({ ended }) => ended));
  expect(commands.map(({ data }) => data.at(-1)!.isOver)).toEqual([true, true]);
  const run = await api.runs.byId.query({ runId });
  expect(run).toMatchObject({ status: 'cancelled', cancelRequestedBy: 'Access token' });
  expect(run.parts.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  expect((await api.runs.cases.query({ runId })).items.map(({ status }) => status)).toEqual(['interrupted', 'skipped']);
});

test('a run with a silent reporter is cancelled at once, and the reporter learns who did it when it comes back', async () => {
  const { client } = app();
  const { api } = client;
  const reporter = await playReporter(client);
  const { runId } = reporter;
  await app()
    .services.db.updateTable('runParts')
    .set({ heartbeatAt: new Date(Date.now() - 21_000).toISOString() })
    .where('runId', '=', runId)
    .execute();
  expect(await api.runs.cancel.mutate({ runId })).toEqual({ runId, status: 'cancelled' });
  await expect(reporter.beat()).rejects.toMatchObject({
    data: { code: 'CONFLICT', report: { reason: 'over' } },
    message: expect.stringContaining('Access token cancelled the run'),
  });
  const commands = commandsOf(client, reporter);
  await commands.ended;
  expect(commands.data).toMatchObject([{ cancel: { by: 'Access token' }, isOver: true }]);
});

test('a shard that begins while the run is being cancelled gets the cancel at once; a passed shard stays passed', async () => {
  const { client } = app();
  const { api } = client;
  const { build } = beginInput();
  const first = await playReporter(client, { build, shard: { current: 1, total: 2 } });
  await api.runs.cancel.mutate({ runId: first.runId });
  const second = await playReporter(client, { build, shard: { current: 2, total: 2 } });
  const commands = commandsOf(client, second);
  await eventually(() => expect(commands.data).toMatchObject([{ cancel: { by: 'Access token' } }]));
  await first.finish();
  await second.finish();
  await commands.ended;
  expect((await api.runs.byId.query({ runId: first.runId })).status).toBe('passed');
});

test('a shard that begins after the run was cancelled is refused, until its job is run again', async () => {
  const { client } = app();
  const { api } = client;
  const { build } = beginInput();
  const first = await playReporter(client, { build, shard: { current: 1, total: 2 } });
  const { runId } = first;
  await api.runs.cancel.mutate({ runId });
  expect(await first.finish('interrupted')).toEqual({ status: 'cancelled' });
  const late = beginInput({ build, shard: { current: 2, total: 2 } });
  // A reporter asks again after it has lost an answer.
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(api.reports.begin.mutate(late)).rejects.toMatchObject({
      message:
        'The run of this build was cancelled by Access token before part 2 began. Run the job again for a new run.',
      data: { code: 'CONFLICT', report: { reason: 'cancelled', runId } },
    });
  const { suiteId } = await api.runs.byId.query({ runId });
  const runs = async () => (await api.runs.list.query({ suiteId: suiteId! })).items.filter(({ id }) => id >= runId);
  expect(await runs()).toHaveLength(1);
  const again = await playReporter(client, { build, shard: { current: 2, total: 2 } });
  expect(await api.runs.byId.query({ runId: again.runId })).toMatchObject({ status: 'running', retryOf: runId });
  await again.finish();
});

test('a run is reported with a key that can do nothing else, and only with permission', async () => {
  await using app = await testApp({ accounts: {} });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const key = async (role: 'reporter' | 'viewer') => {
    const { key } = await ada.api.keys.create.mutate({ name: `CI ${role}`, role, expiresInDays: 1 });
    return { authorization: `Bearer ${key}` };
  };
  const call = async (procedure: string, headers: Record<string, string>, input: object) => {
    const answer = await fetch(`${app.url}/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const [reporterKey, viewerKey] = [await key('reporter'), await key('viewer')];
  expect((await call('reports.begin', { authorization: 'Bearer rl_wrong' }, beginInput())).status).toBe(401);
  const refused = await call('reports.begin', viewerKey, beginInput());
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('needs the role')]);
  const begun = await call('reports.begin', reporterKey, beginInput());
  expect(begun.status).toBe(200);
  const { runId } = (JSON.parse(begun.text) as { result: { data: { runId: string } } }).result.data;
  expect((await call('runs.cancel', reporterKey, { runId })).status).toBe(403);
  expect(await ada.api.runs.byId.query({ runId })).toMatchObject({ triggeredBy: 'CI reporter' });
  await ada.api.runs.cancel.mutate({ runId });
  expect(await ada.api.runs.byId.query({ runId })).toMatchObject({ cancelRequestedBy: 'Ada' });
  // Another project does not learn that the run exists.
  const { projectId } = await ada.api.projects.create.mutate({ name: 'Elsewhere' });
  const elsewhere = { ...ada.headers, 'x-runlight-project': projectId };
  const { session } = beginInput();
  const there = await call('reports.append', elsewhere, { runId, part: 0, session, after: 0, entries: [] });
  expect([there.status, there.text]).toEqual([404, expect.stringContaining('There is no run')]);
});
