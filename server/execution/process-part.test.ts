import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BundleInput } from '#shared/suites.ts';
import { findSuite } from '#sdk/cli/push/find-suite.ts';
import { listFiles } from '#sdk/cli/push/list-files.ts';
import { createTar, hashTar } from '#sdk/cli/push/tar.ts';
import { eventually } from '#server/testing/eventually.ts';
import { writeSuite, type WrittenSuite } from '#server/testing/executed-suite.ts';
import { freePort } from '#server/testing/free-port.ts';
import { pushInput, sendBundle } from '#server/testing/played-bundle.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { shopSuite } from '#server/testing/shop-suite.ts';
import { unzipped } from '#server/testing/zip.ts';

const app = useTestApp({ worker: true });

let suite: WrittenSuite;
beforeAll(async () => {
  suite = await writeSuite(
    {
      ...shopSuite(await freePort()),
      'e2e/slow.spec.ts': `import { test } from '@playwright/test';
test('waits', { tag: '@slow' }, async () => {
  test.setTimeout(0);
  console.log('waiting for a long time');
  await new Promise(() => {});
});
`,
    },
    { prepare: ['npm install --ignore-scripts --no-audit --no-fund'] },
  );
});
afterAll(() => suite[Symbol.asyncDispose]());

/** Pushes the suite in a folder as `runlight push` does. */
async function pushSuite(dir: string, more: Partial<BundleInput> = {}) {
  const suite = findSuite({ from: dir });
  const source = { root: suite.root, files: (await listFiles(suite, {})).files };
  const hash = await hashTar(source);
  const answer = await sendBundle(app(), { hash, body: gzipSync(await buffer(createTar(source))) });
  if (answer.status !== 200) throw new Error(`The bundle was refused: ${answer.message}`);
  const { config, packageManager, lockFile, playwright } = suite;
  const input = pushInput(hash, { dir: suite.dir, config, packageManager, lockFile, playwright, ...more });
  return { hash, ...(await app().client.api.suites.push.mutate(input)) };
}

/** The data of Playwright's HTML report. */
async function unpacked(page: string): Promise<string> {
  const [, base64 = ''] = /.*data:application\/zip;base64,([^"<]*)/s.exec(page)!;
  return Object.values(await unzipped(Buffer.from(base64, 'base64'))).join('');
}

async function toEnd(runId: string) {
  const { api, stream } = app().client;
  await stream((api) => api.runs.onStatus, { runId }).ended;
  return api.runs.byId.query({ runId });
}

describe('a suite that was pushed', () => {
  test('runs on a worker, live, with its files and without secrets', async () => {
    const { api, stream } = app().client;
    const { suiteId } = await pushSuite(suite.dir);
    await api.variables.set.mutate({ name: 'PASSWORD', value: 'sesame-open', isSecret: true });
    const { runId } = await api.suites.run.mutate({ suiteId, options: { grepInvert: '@slow' } });
    const events = stream((api) => api.runs.onEvents, { runId });
    const run = await toEnd(runId);
    expect(run).toMatchObject({ status: 'failed', kind: 'suite', origin: 'worker', errorCode: null });
    expect(run).toMatchObject({ passed: 5, failed: 1, flaky: 1, skipped: 1, total: 7 });
    const { items } = await api.runs.cases.query({ runId });
    expect(items.map(({ project, file, title, status }) => [project, file, title, status])).toContainEqual([
      'shop',
      'front.spec.ts',
      'never passes',
      'failed',
    ]);
    await events.ended;
    expect(events.data.map(({ seq }) => seq)).toEqual(events.data.map((_, index) => index + 1));
    const phases = run.parts[0]!.phases!.map(({ phase }) => phase);
    expect(phases).toEqual(['install', 'sandbox', 'compile', 'browser', 'cases']);
    const { artifacts } = await api.runs.case.query({
      runId,
      index: items.find((it) => it.title.startsWith('greets'))!.index,
    });
    const note = await fetch(app().url + artifacts.find(({ name }) => name === 'note')!.path, app());
    expect(await note.text()).toBe('signed in with ***');
    expect(run.reportPath).toMatch(/report\/index\.html$/);
    const report = await fetch(app().url + run.reportPath!, app());
    expect(report.status).toBe(200);
    const data = await unpacked(await report.text());
    expect(data).toContain('signed in with ***');
    expect(data).not.toContain('sesame-open');
  });

  test('is divided once into parts that workers take side by side', async () => {
    const { api, stream } = app().client;
    const file = (name: string) => `import { test, expect } from '@playwright/test';
test('${name} passes', () => {});
test('${name} fails', () => expect('${name}').not.toBe('two'));
`;
    await using small = await writeSuite(
      {
        'package.json': shopSuite(0)['package.json']!,
        'playwright.config.ts': `if (process.argv.includes('--list')) console.log('lists its cases');
export default { testDir: 'e2e' };`,
        'e2e/one.spec.ts': file('one'),
        'e2e/two.spec.ts': file('two'),
        'e2e/three.spec.ts': file('three'),
      },
      { prepare: [`cp ${path.join(suite.dir, 'package-lock.json')} .`] },
    );
    const { suiteId } = await pushSuite(small.dir, { suite: 'small' });
    const { runId } = await api.suites.run.mutate({ suiteId, shards: 2 });
    const events = stream((api) => api.runs.onEvents, { runId });
    const run = await toEnd(runId);
    await events.ended;
    expect(JSON.stringify(events.data).split('lists its cases')).toHaveLength(2);
    expect(run).toMatchObject({ status: 'failed', passed: 5, failed: 1, total: 6 });
    expect(run.parts.map(({ status, total }) => [status, total > 0])).toEqual([
      [expect.stringMatching(/^(passed|failed)$/), true],
      [expect.stringMatching(/^(passed|failed)$/), true],
    ]);
    const { runId: againId } = await api.runs.retry.mutate({ runId, failedOnly: true });
    const again = await toEnd(againId);
    expect(again).toMatchObject({ status: 'failed', partial: true, total: 1, failed: 1 });
  });

  test('is interrupted when somebody cancels the run, and says so', async () => {
    const { api, stream } = app().client;
    const { suiteId } = await pushSuite(suite.dir);
    const { runId } = await api.suites.run.mutate({ suiteId, options: { grep: '@slow' } });
    const events = stream((api) => api.runs.onEvents, { runId });
    await eventually(() => expect(JSON.stringify(events.data)).toContain('waiting for a long time'), {
      withinMs: 300_000,
    });
    const { items: workers } = await api.workers.list.query();
    expect(workers.flatMap((worker) => worker.runs.map((run) => run.runId))).toContain(runId);
    await api.runs.cancel.mutate({ runId });
    await eventually(() => expect(JSON.stringify(events.data)).toMatch(/the run was cancelled by \w/));
    const run = await toEnd(runId);
    expect(run).toMatchObject({ status: 'cancelled', errorCode: null });
    const { items } = await api.runs.cases.query({ runId });
    expect(items.find(({ title }) => title === 'waits')).toMatchObject({ status: 'interrupted' });
  });

  test('ends with the reason when its time is over', async () => {
    const { api } = app().client;
    const { suiteId } = await pushSuite(suite.dir);
    const { runId } = await api.suites.run.mutate({ suiteId, timeoutMs: 1_000, options: { grep: '@slow' } });
    expect(await toEnd(runId)).toMatchObject({ status: 'timed_out', errorCode: 'run_timeout' });
  });
});
