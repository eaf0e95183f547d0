import { expect, test } from 'vitest';
import { script } from '#server/testing/execute-scripts.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({ worker: true });

const home = (text: string) =>
  script(`test('looks as before', async ({ page }) => {
    await page.setContent('<h1 style="font:40px monospace">${text}</h1>');
    await expect(page).toHaveScreenshot('home.png');
  });`);

async function ended(started: { runId: string }) {
  const { api, stream } = app().client;
  await stream((api) => api.runs.onStatus, started).ended;
  return api.runs.byId.query(started);
}

const fetched = async (path: string) =>
  Buffer.from(await (await fetch(app().url + path, { headers: app().headers })).arrayBuffer());

test('a picture that a run took is accepted as the baseline, and later runs are compared with it', async () => {
  const { api } = app().client;
  const path = 'home-chromium-linux.png';
  const { id: testId } = await api.tests.create.mutate({ name: 'Home', script: home('Hello') });
  const first = await ended(await api.tests.run.mutate({ testId }));
  expect(first).toMatchObject({
    status: 'failed',
    errorDetails: `Error: There is no baseline "${path}" yet: accept what was taken on the page of the run.`,
  });
  const taken = first.artifacts.find(({ snapshot }) => snapshot !== null)!;
  expect(taken).toMatchObject({ kind: 'screenshot', snapshot: { path, role: 'actual' } });
  expect(await api.snapshots.list.query({ testId })).toEqual({ items: [] });
  const accept = { runId: first.id, artifactPath: taken.path };
  expect(await api.snapshots.accept.mutate(accept)).toEqual({ testId, path });
  const picture = await fetched(taken.path);
  expect((await api.snapshots.list.query({ testId })).items).toMatchObject([
    { path, contentType: 'image/png', runId: first.id, bytes: picture.length },
  ]);

  expect((await ended(await api.tests.run.mutate({ testId }))).status).toBe('passed');
  await api.tests.update.mutate({ testId, script: home('Good bye') });
  const changed = await ended(await api.tests.run.mutate({ testId }));
  expect(changed.status).toBe('failed');
  const roles = new Map(changed.artifacts.map((artifact) => [artifact.snapshot?.role, artifact]));
  expect([...roles.keys()]).toEqual(expect.arrayContaining(['expected', 'actual', 'diff']));
  expect(await fetched(roles.get('expected')!.path)).toEqual(picture);
  for (const artifactPath of [roles.get('expected')!.path, '/artifacts/elsewhere'])
    await expect(api.snapshots.accept.mutate({ runId: changed.id, artifactPath })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    });
  await api.snapshots.accept.mutate({ runId: changed.id, artifactPath: roles.get('actual')!.path });
  expect((await ended(await api.tests.run.mutate({ testId }))).status).toBe('passed');

  await api.snapshots.remove.mutate({ testId, path });
  expect((await ended(await api.tests.run.mutate({ testId }))).errorDetails).toContain('There is no baseline');
});

test('a text with the value of a secret is shown and stored without it, and cannot be a baseline', async () => {
  const { api } = app().client;
  const secret = 'open-sesame-42';
  await api.variables.set.mutate({ name: 'DOOR', value: secret });
  const names = ['token.txt', 'token.csv', 'token.odd', 'token'];
  const text = (plain: string) =>
    script(`
      for (const name of ${JSON.stringify(names)})
        test(name, () => { expect('opened by ' + process.env.DOOR).toMatchSnapshot(name); });
      test('plain', () => { expect('opened by ' + ${plain}).toMatchSnapshot('plain.txt'); });`);
  const { id: testId } = await api.tests.create.mutate({ name: 'Door', script: text("'me'") });
  const first = await ended(await api.tests.run.mutate({ testId }));
  const taken = first.artifacts.flatMap(({ path, snapshot }) => (snapshot?.role === 'actual' ? [path] : []));
  expect(taken).toHaveLength(names.length + 1);
  for (const artifactPath of taken) {
    const accepted = api.snapshots.accept.mutate({ runId: first.id, artifactPath });
    if (artifactPath.includes('plain')) {
      await accepted;
      continue;
    }
    await expect(accepted, artifactPath).rejects.toThrow('The text has *** in place of the value of a secret variable');
    expect((await fetched(artifactPath)).toString(), artifactPath).toBe('opened by ***');
  }

  // A baseline without the value is compared with a text that has it.
  await api.tests.update.mutate({ testId, script: text('process.env.DOOR') });
  const second = await ended(await api.tests.run.mutate({ testId }));
  const { items: log } = await api.runs.log.query({ runId: second.id });
  const { items: cases } = await api.runs.cases.query({ runId: second.id, limit: 10 });
  const shown = JSON.stringify([second, cases, log]);
  expect(shown).toContain('opened by ***');
  const files = await Promise.all(second.artifacts.map(async ({ path }) => (await fetched(path)).toString('latin1')));
  for (const one of [shown, ...files]) expect(one).not.toContain(secret);
  const stored = await app()
    .services.db.selectFrom('snapshots')
    .select('content')
    .where('testId', '=', testId)
    .execute();
  expect(stored.map(({ content }) => content.toString())).toEqual(['opened by me']);
});
