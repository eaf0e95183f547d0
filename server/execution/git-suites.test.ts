import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitServer, startGitServer } from '#server/testing/git-server.ts';
import { eventually } from '#server/testing/eventually.ts';
import { writeSuite } from '#server/testing/executed-suite.ts';
import { insertSuite } from '#server/testing/played-suite.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({ worker: true });
const packages = JSON.stringify({ name: 'shop', private: true, devDependencies: { '@playwright/test': '1.65.1' } });
const spec = (name: string) => `import { test } from '@playwright/test';\ntest('${name} passes', () => {});\n`;

let git: GitServer;
let shop: ReturnType<GitServer['repository']>;
beforeAll(async () => {
  await using suite = await writeSuite(
    { 'package.json': packages },
    { prepare: ['npm install --ignore-scripts --no-audit --no-fund --package-lock-only'] },
  );
  git = await startGitServer();
  shop = git.repository('shop.git', {
    'readme.md': 'shop',
    'e2e/package.json': packages,
    'e2e/package-lock.json': await readFile(path.join(suite.dir, 'package-lock.json')),
    'e2e/playwright.config.ts': 'export default {};',
    'e2e/one.spec.ts': spec('one'),
    'e2e/two.spec.ts': spec('two'),
  });
});
afterAll(() => git[Symbol.asyncDispose]());

async function runToEnd(suiteId: string, more: object = {}) {
  const { api, stream } = app().client;
  const { runId } = await api.suites.run.mutate({ suiteId, fromGit: true, shards: 2, ...more });
  const events = stream((api) => api.runs.onEvents, { runId });
  await stream((api) => api.runs.onStatus, { runId }).ended;
  await events.ended;
  return { runId, run: await api.runs.byId.query({ runId }), text: JSON.stringify(events.data) };
}

test('a run fetches its suite from git once for all of its parts, and an unchanged commit makes no new bundle', async () => {
  const { api, stream } = app().client;
  const commitSha = shop.commit('feat: pay by card');
  const suiteId = await insertSuite(app(), 'shop');
  await api.variables.set.mutate({ name: 'GIT_TOKEN', value: 'wrong-at-first', isSecret: true });
  const source = { url: `${git.url}/shop.git`, branch: 'main', path: 'e2e', tokenVariable: 'GIT_TOKEN' };
  expect(await api.suites.setGit.mutate({ suiteId, git: source })).toMatchObject({ git: source, newestBundle: null });

  const failed = await runToEnd(suiteId);
  expect(failed.run).toMatchObject({ status: 'error', errorCode: 'fetch_failed', commitSha: null, branch: 'main' });
  expect(failed.run.errorDetails).toMatch(/^Part 1 \(.*\): The server of .* does not accept the token of the variable/);
  expect(failed.run.parts.map(({ status, errorCode }) => [status, errorCode])).toEqual([
    ['error', 'fetch_failed'],
    ['error', 'fetch_failed'],
  ]);
  expect(failed.text).not.toContain('wrong-at-first');

  await api.variables.set.mutate({ name: 'GIT_TOKEN', value: git.token, isSecret: true });
  const { runId: againId } = await api.runs.retry.mutate({ runId: failed.runId });
  await stream((api) => api.runs.onStatus, { runId: againId }).ended;
  const run = await api.runs.byId.query({ runId: againId });
  expect(run).toMatchObject({ status: 'passed', passed: 2, total: 2, branch: 'main', commitSha, author: 'Ada' });
  expect(run.parts.map(({ phases }) => phases!.map(({ phase }) => phase).slice(0, 2))).toEqual([
    ['fetch', 'install'],
    ['install', 'sandbox'],
  ]);
  const { bundle } = run.suiteRun!;
  expect(bundle).toMatchObject({ branch: 'main', commitSha, commitMessage: 'feat: pay by card', files: 5 });
  expect(await api.suites.byId.query({ suiteId })).toMatchObject({ newestBundle: { id: bundle!.id } });

  const { runId } = await api.suites.run.mutate({ suiteId, fromGit: true });
  const events = stream((api) => api.runs.onEvents, { runId });
  await eventually(() => expect(JSON.stringify(events.data)).toContain('which was fetched before'));
  await eventually(async () =>
    expect(await api.runs.byId.query({ runId })).toMatchObject({ commitSha, suiteRun: { bundle: { id: bundle!.id } } }),
  );
  await api.runs.cancel.mutate({ runId });
  await events.ended;
  expect((await api.suites.bundles.query({ suiteId })).items).toHaveLength(1);
});
