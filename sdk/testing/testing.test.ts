import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRunlight } from '#sdk/client/create-runlight.ts';
import { appDir } from '#server/config/installation.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { eventually } from '#server/testing/eventually.ts';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { queueRun } from '#server/testing/produce.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { collect } from './collect.ts';
import { waitForRun } from './wait-for-run.ts';
import { withRunlight } from './with-runlight.ts';

const app = useTestApp({});

describe('waitForRun', () => {
  test('resolves to the run when it has ended, through a restart behind a proxy', async () => {
    const { url, token, client, services } = app();
    using proxy = await startRestartingProxy(url);
    const runId = await queueRun(client);
    const statuses: string[] = [];
    const waiting = waitForRun(createRunlight({ url: proxy.url, token }), runId, {
      onStatus: (status) => statuses.push(status),
    });
    await eventually(() => expect(statuses).toEqual(['queued']));
    proxy.restart(2);
    await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    await eventually(() => expect(statuses).toEqual(['queued', 'running']));
    await commitRun(services, runId, { from: ['running'], to: 'failed' });
    expect(await waiting).toMatchObject({ id: runId, status: 'failed' });
    expect(statuses).toEqual(['queued', 'running', 'failed']);
  });

  test('says what it has waited for, when it takes too long', async () => {
    const { url, token, client } = app();
    const runId = await queueRun(client);
    const waiting = waitForRun(createRunlight({ url, token }), runId, { timeoutMs: 2_000 });
    await expect(waiting).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: `The run has not ended (queued, ${url}/runs/${runId}) within 2 s.`,
    });
    await eventually(() => expect(app().services.hub.stats().watchers).toBe(0));
  });
});

describe('collect', () => {
  test('resolves to all events, or to those until the one that is wanted', async () => {
    const { url, token, client, services } = app();
    const runlight = createRunlight({ url, token });
    const runId = await queueRun(client);
    const first = await collect(runlight.runs.onEvents, { runId }, { until: ({ data }) => data.type === 'status' });
    expect(first.map(({ data }) => data.type)).toEqual(['status']);
    await commitRun(services, runId, { from: ['queued'], to: 'cancelled' });
    const all = await collect(runlight.runs.onEvents, { runId });
    expect(all[0]).toEqual(first[0]);
    expect(all.at(-1)!.data).toMatchObject({ type: 'status', status: 'cancelled' });
    await eventually(() => expect(services.hub.stats().watchers).toBe(0));
  });

  test('says how far it came, when it takes too long, and leaves no stream open', async () => {
    const { url, token, client, services } = app();
    const runlight = createRunlight({ url, token });
    const runId = await queueRun(client);
    await expect(collect(runlight.runs.onEvents, { runId }, { timeoutMs: 2_000 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'The stream has not ended (events so far: 1) within 2 s.',
    });
    await eventually(() => expect(services.hub.stats().watchers).toBe(0));
  });
});

describe('withRunlight', () => {
  test('starts a Runlight of its own, and leaves nothing of it', async () => {
    const { url, failure } = await withRunlight({ dir: appDir }, async (own) => {
      const { id: testId } = await own.runlight.tests.create.mutate({ name: 'Own', script: 'no test' });
      const { runId } = await own.runlight.tests.run.mutate({ testId });
      return { url: own.url, failure: await waitForRun(own.runlight, runId) };
    });
    expect(failure.status).toBe('error');
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('says why it cannot start one', async () => {
    const empty = await mkdtemp(path.join(os.tmpdir(), 'runlight-none-'));
    try {
      const never = async () => expect.fail('It has started');
      await expect(withRunlight({ dir: empty }, never)).rejects.toMatchObject({
        code: 'NOT_STARTED',
        message: `There is no built Runlight in ${empty}: run \`npm ci && npm run build\` there.`,
      });
      await expect(withRunlight({ dir: appDir, env: { PORT: 'nine' } }, never)).rejects.toMatchObject({
        code: 'NOT_STARTED',
        message: expect.stringContaining('PORT'),
      });
    } finally {
      await rm(empty, { recursive: true });
    }
  });
});
