import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { shareHeader } from '#shared/share-links.ts';
import type { TestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { begin } from '#server/testing/played-worker.ts';
import { procedures } from '#server/testing/procedures.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { sampleInput } from '#server/testing/sample-input.ts';
import { openShareLink } from '#server/testing/share-link.ts';
import { testUser } from '#server/testing/users.ts';
import type { Meta } from '#server/trpc/procedure.ts';
import { commitRun } from '#server/runs/commit-run.ts';

let app: TestSystem;
let ada: Awaited<ReturnType<typeof testUser>>;
beforeAll(async () => {
  app = await testApp({ accounts: {}, fallbackIntervalMs: 300 });
  ada = await testUser(app, { email: 'ada@example.com', name: 'Ada Lovelace' });
  await ada.api.variables.set.mutate({ name: 'SHOP_PASSWORD', value: 'correct horse' });
});
afterAll(() => app[Symbol.asyncDispose]());

async function startRun(name = 'Checkout') {
  const { id: testId } = await ada.api.tests.create.mutate({ name, script: 'test' });
  const { runId } = await ada.api.tests.run.mutate({ testId });
  return { runId, testId };
}

async function share(runId: string) {
  const link = await ada.api.shareLinks.create.mutate({ runId });
  return { ...link, guest: await openShareLink(app, link.path) };
}

const linkIsGone = { data: { code: 'UNAUTHORIZED' }, message: expect.stringContaining('expired or was revoked') };

const expire = (linkId: string) =>
  app.services.db
    .updateTable('shareLinks')
    .set({ expiresAt: new Date(Date.now() - 1) })
    .where('id', '=', linkId)
    .execute();

test('a link is listed without its secret, which is shown once and kept as a hash, and expires after 7 days or up to a year', async () => {
  const { runId } = await startRun();
  const { id, path: link, expiresAt } = await ada.api.shareLinks.create.mutate({ runId });
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(7.1 * 86_400_000);
  const listed = await ada.api.shareLinks.list.query({ runId });
  expect(listed.items).toMatchObject([{ id, createdBy: 'Ada Lovelace', lastUsedAt: null, expiresAt }]);
  const secret = link.replace('/shared/', '');
  const { setCookie } = await openShareLink(app, link);
  expect(setCookie).toMatch(/; Path=\/; Max-Age=60\d{4}; HttpOnly; SameSite=Strict$/);
  const { db } = app.services;
  const stored = [
    ...(await db.selectFrom('shareLinks').selectAll().execute()),
    ...(await db.selectFrom('auditEvents').selectAll().execute()),
    ...(await ada.api.shareLinks.list.query({ runId })).items,
  ];
  expect(JSON.stringify(stored)).not.toContain(secret);
  expect((await ada.api.shareLinks.list.query({ runId })).items[0]!.lastUsedAt).not.toBeNull();
  await expect(ada.api.shareLinks.create.mutate({ runId, expiresInDays: 366 })).rejects.toThrow('at most a year');
});

describe('a guest', () => {
  const ofGuests = Object.entries(procedures).filter(([, { _def }]) => (_def.meta as Meta).role === 'guest');

  test('does not get another run, or no run, by any procedure', async () => {
    const [shared, other] = [await startRun(), await startRun('Secret launch')];
    const { guest } = await share(shared.runId);
    expect(ofGuests.length).toBeGreaterThan(10);
    for (const [name, { _def }] of ofGuests) {
      const [schema] = (_def as unknown as { inputs: z.ZodType[] }).inputs;
      const input = sampleInput(schema!, { runId: other.runId }) as object;
      const { runId: _, ...without } = input as { runId: string };
      for (const asked of [input, without, { ...input, runId: [shared.runId, other.runId] }, null]) {
        const query = `?input=${encodeURIComponent(JSON.stringify(asked))}`;
        const answer = await fetch(`${app.url}/api/trpc/${name}${query}`, { headers: guest.headers });
        const text = await answer.text();
        expect(text, name).toMatch(/"code":"NOT_FOUND"/);
        expect(text, name).not.toContain('Secret launch');
      }
    }
  });

  test('reaches no other run by a batch, by the cookie of its link, or by its files', async () => {
    const [shared, other] = [await startRun(), await startRun('Secret launch')];
    const { guest } = await share(shared.runId);
    for (const { runId } of [shared, other]) {
      await mkdir(path.join(app.dataDir, 'artifacts', runId, 'report'), { recursive: true });
      await writeFile(path.join(app.dataDir, 'artifacts', runId, 'trace.zip'), 'a trace');
      await writeFile(path.join(app.dataDir, 'artifacts', runId, 'report/index.html'), '<p>A report</p>');
    }
    const input = encodeURIComponent(JSON.stringify({ 0: shared, 1: other, 2: { limit: 5 } }));
    const batch = await fetch(`${app.url}/api/trpc/runs.byId,runs.byId,runs.list?batch=1&input=${input}`, guest);
    expect(await batch.json()).toMatchObject([
      { result: { data: { id: shared.runId } } },
      { error: { data: { code: 'NOT_FOUND' } } },
      { error: { data: { code: 'FORBIDDEN' } } },
    ]);
    // The secret of one run's link in the name of another run.
    const [, secret] = guest.headers.cookie.split('=');
    const forged = { cookie: `runlight-share-${other.runId}=${secret}`, [shareHeader]: other.runId };
    const file = (runId: string, name: string, headers: Record<string, string>) =>
      fetch(`${app.url}/artifacts/${runId}/${name}`, { headers, redirect: 'manual' });
    const byId = `${app.url}/api/trpc/runs.byId?input=${encodeURIComponent(JSON.stringify({ runId: other.runId }))}`;
    expect((await fetch(byId, { headers: forged })).status).toBe(401);
    expect((await file(other.runId, 'trace.zip', forged)).status).toBe(401);
    expect((await file(other.runId, 'trace.zip', guest.headers)).status).toBe(401);
    // The cookie alone is no session, and a page of another origin cannot use it.
    const list = `${app.url}/api/trpc/runs.list`;
    expect((await fetch(list, { headers: { cookie: guest.headers.cookie } })).status).toBe(401);
    const elsewhere = { ...guest.headers, 'sec-fetch-site': 'cross-site' };
    expect((await file(shared.runId, 'trace.zip', elsewhere)).status).toBe(403);

    const own = await file(shared.runId, 'trace.zip', { cookie: guest.headers.cookie });
    expect(own.status).toBe(200);
    expect(own.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    const page = await file(shared.runId, 'report/index.html', guest.headers);
    expect(page.headers.get('location')).toMatch(new RegExp(`^/artifacts/~\\d+\\.[\\w-]+/${shared.runId}/report/`));
  });

  test('follows the run as it goes on, and learns nothing of people, machines, variables and other runs', async () => {
    const { testId } = await startRun();
    const { runId: earlier } = await ada.api.tests.run.mutate({ testId });
    await commitRun(app.services, earlier, { from: ['queued'], to: 'failed' });
    const { runId } = await ada.api.runs.retry.mutate({ runId: earlier });
    const { guest } = await share(runId);
    const streams = {
      status: guest.stream((api) => api.runs.onStatus, { runId }),
      cases: guest.stream((api) => api.runs.onCases, { runId }),
      events: guest.stream((api) => api.runs.onEvents, { runId }),
    };
    await Promise.all(Object.values(streams).map(({ started }) => started));
    await begin(app, runId);
    await commitRun(app.services, runId, { from: ['running'], listed: { part: 0, cases: [listedCase('pays')] } });
    await ada.api.cases.quarantine.mutate({
      caseId: (await ada.api.runs.cases.query({ runId })).items[0]!.caseId,
      reason: 'Asked by Ada Lovelace',
      owner: 'Ada Lovelace',
      expiresAt: '2126-01-01T00:00:00.000Z',
    });
    await report(app, runId, [
      caseEvent(0, 'running'),
      { type: 'log', stream: 'stderr', text: 'Runlight: the run was cancelled by Ada Lovelace.\nBye' },
      { type: 'log', stream: 'stderr', text: 'The project has no variable SHOP_PASSWORD, which shall have the token' },
      failedCase(0, 'Error: no money'),
    ]);
    await eventually(() => expect(streams.cases.data.at(-1)?.cases).toContainEqual(expect.arrayContaining(['failed'])));
    await end(app, runId, 'failed');
    await Promise.all(Object.values(streams).map(({ ended }) => ended));
    expect(streams.status.data.at(-1)).toMatchObject({ status: 'failed' });
    expect(streams.events.data).toContainEqual(
      expect.objectContaining({ text: 'Runlight: the run was cancelled\nBye' }),
    );

    const learned = JSON.stringify([
      ...Object.values(streams).map(({ data }) => data),
      await Promise.all(readAll(guest.api, runId)),
    ]);
    expect(learned).toContain('no money');
    expect(learned).not.toMatch(/Ada|SHOP_PASSWORD|a worker/);
    expect(learned).not.toContain(earlier);
    expect(learned).not.toContain(testId);
  });

  test.each(['revoked', 'expired'])('loses open streams and the files when the link is %s', async (how) => {
    const { runId } = await startRun();
    const { id: linkId, path: link, guest } = await share(runId);
    const cases = guest.stream((api) => api.runs.onCases, { runId });
    await cases.started;
    await (how === 'revoked' ? ada.api.shareLinks.revoke.mutate({ linkId }) : expire(linkId));
    await expect(cases.ended).rejects.toMatchObject(linkIsGone);
    await expect(guest.api.runs.byId.query({ runId })).rejects.toMatchObject(linkIsGone);
    expect((await fetch(`${app.url}/artifacts/${runId}/trace.zip`, guest)).status).toBe(401);
    await expect(openShareLink(app, link)).rejects.toThrow('expired or was revoked');
    expect((await ada.api.shareLinks.list.query({ runId })).items).toEqual([]);
  });
});

/** All that a guest's page asks for. */
const readAll = (api: TestClient['api'], runId: string): Promise<unknown>[] => [
  api.runs.byId.query({ runId }),
  api.runs.states.query({ runId }),
  api.runs.manifest.query({ runId, part: 0 }),
  api.runs.cases.query({ runId }),
  api.runs.case.query({ runId, index: 0 }),
  api.runs.steps.query({ runId, caseIndex: 0, attempt: 0 }),
  api.runs.times.query({ runId }),
  api.runs.errors.query({ runId }),
  api.runs.log.query({ runId }),
];
