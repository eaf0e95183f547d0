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
