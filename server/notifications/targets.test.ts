import { randomUUID } from 'node:crypto';
import type { inferRouterInputs } from '@trpc/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NotificationEvent } from '#shared/notifications.ts';
import { notificationPayload } from '#shared/notification-payload.ts';
import type { TestStatus } from '#shared/run-status.ts';
import type { AppRouter } from '#server/http/router.ts';
import { recordMissedStarts } from '#server/jobs/missed-starts.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { eventually } from '#server/testing/eventually.ts';
import { type MailServer, startMailServer } from '#server/testing/mail-server.ts';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { startTargetServer, type TargetServer } from '#server/testing/target-server.ts';
import { testUser } from '#server/testing/users.ts';
import { failuresUntilPause } from './record-outcome.ts';

type NewRule = inferRouterInputs<AppRouter>['notifications']['create'];

let mail: MailServer;
let target: TargetServer;
let app: TestSystem;
let ada: Awaited<ReturnType<typeof testUser>>;
beforeAll(async () => {
  mail = await startMailServer();
  target = await startTargetServer();
  app = await testApp({
    accounts: {},
    env: {
      NOTIFY_PRIVATE_ADDRESSES: '127.0.0.1',
      NOTIFY_BACKOFF: '1',
      SMTP_URL: mail.url,
      SMTP_FROM: 'Runlight <runlight@example.com>',
      GITHUB_API_URL: `${target.url}/api/v3`,
    },
  });
  ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});

/** A rule that exists until it is disposed of. */
async function withRule(rule: Partial<NewRule> & Pick<NewRule, 'target'>) {
  const { id: ruleId } = await ada.api.notifications.create.mutate({
    name: 'Robot',
    events: ['always'],
    scope: { kind: 'all' },
    ...rule,
  });
  return {
    ruleId,
    async [Symbol.asyncDispose]() {
      await ada.api.notifications.remove.mutate({ ruleId });
    },
  };
}

const commit = { branch: 'main', sha: 'a1b2c3d4e5', message: 'fix: pay', author: 'Ada', pullRequest: '#12' };

/** Reports a run of the suite with cases that have these results. */
async function report(suite: string, results: TestStatus[], more: Partial<typeof commit> = {}) {
  const reporter = await playReporter(ada, { suite, session: randomUUID(), commit: { ...commit, ...more } });
  await reporter.report(
    casesEntry(...results.map((_, index) => `case <${index}> @all`)),
    ...results.map((status, index) => caseEntry(index, status, { flaky: status === 'passed' && suite === 'shaky' })),
  );
  return reporter;
}

const statusOf = (results: TestStatus[]) => (results.includes('failed') ? 'failed' : 'passed');

async function reported(suite: string, results: TestStatus[], more: Partial<typeof commit> = {}) {
  const reporter = await report(suite, results, more);
  await reporter.finish(statusOf(results));
  return reporter.runId;
}

const bodyOf = ({ body }: { body: string }): Record<string, any> => JSON.parse(body);

test('each rule sends its events in its scope, and nothing else', async () => {
  const { id: testId } = await ada.api.tests.create.mutate({ name: 'Alone', script: passing });
  const { id: jobId } = await ada.api.jobs.create.mutate({ name: 'Nightly', testIds: [testId] });
  const rules: [string, NotificationEvent[], NewRule['scope']][] = [
    ['failed', ['failed'], { kind: 'all' }],
    ['new', ['newly_failing'], { kind: 'all' }],
    ['recovered', ['recovered'], { kind: 'all' }],
    ['flaky', ['flaky'], { kind: 'all' }],
    ['lost', ['lost'], { kind: 'all' }],
    ['missed', ['start_missed'], { kind: 'job', jobId }],
    ['test', ['always'], { kind: 'test', testId }],
    ['release', ['always'], { kind: 'branch', branch: 'release/*' }],
    ['two', ['failed', 'newly_failing'], { kind: 'branch', branch: 'main' }],
  ];
  for (const [path, events, scope] of rules)
    await ada.api.notifications.create.mutate({
      name: path,
      events,
      scope,
      target: { kind: 'webhook', url: `${target.url}/${path}` },
    });
  const broken = await reported('web', ['passed', 'failed']);
  const still = await reported('web', ['passed', 'failed']);
  const worse = await reported('web', ['failed', 'failed']);
  const fixed = await reported('web', ['passed', 'passed']);
  const shaky = await reported('shaky', ['passed']);
  const release = await reported('web', ['passed'], { branch: 'release/1.2' });
  const { runId: lost } = await ada.api.tests.run.mutate({ testId });
  await commitRun(app.services, lost, { from: ['queued'], to: 'running', claimedBy: 'gone' });
  await commitRun(app.services, lost, {
    from: ['running'],
    to: 'error',
    errorCode: 'worker_lost',
    errorDetails: 'gone',
  });
  const job = { id: jobId, projectId: app.projectId, name: 'Nightly' };
  for (let n = 0; n < 2; n++)
    await recordMissedStarts(app.services, job, 'queue_full', [Date.parse('2026-11-30T07:00:00Z')]);

  const told = (path: string) =>
    target.received
      .filter((request) => request.path === `/${path}`)
      .map((request) => notificationPayload.parse(bodyOf(request)))
      .map(({ type, data }) => `${type} ${data.run?.id ?? data.missedStart?.dueAt}`);
  await eventually(() => {
    expect(told('failed')).toEqual([broken, still, worse, lost].map((id) => `run.failed ${id}`));
    expect(told('new')).toEqual([broken, worse].map((id) => `run.newly_failing ${id}`));
    expect(told('recovered')).toEqual([`run.recovered ${fixed}`]);
    expect(told('flaky')).toEqual([`run.flaky ${shaky}`]);
    expect(told('lost')).toEqual([`run.lost ${lost}`]);
    expect(told('missed')).toEqual(['job.start_missed 2026-11-30T07:00:00.000Z']);
    expect(told('test')).toEqual([`run.ended ${lost}`]);
    expect(told('release')).toEqual([`run.ended ${release}`]);
    expect(told('two')).toEqual([broken, still, worse].map((id) => `run.failed ${id}`));
  });
  const { data, events } = notificationPayload.parse(
    bodyOf(target.received.filter(({ path }) => path === '/two').at(-1)!),
  );
  expect(events).toEqual(['failed', 'newly_failing']);
  expect(data.run).toMatchObject({ name: 'web', branch: 'main', commitSha: 'a1b2c3d4e5', total: 2, failed: 2 });
  expect(data.run!.failures).toMatchObject([
    { title: 'case <0> @all', file: 'shop/pay.spec.ts', error: 'case 0 failed', isNew: true },
    { title: 'case <1> @all', isNew: false, url: expect.stringMatching(/\/runs\/[\w-]+\?case=1$/) },
  ]);
  for (const { id: ruleId } of (await ada.api.notifications.list.query()).items)
    await ada.api.notifications.remove.mutate({ ruleId });
});

test('Slack gets blocks and Microsoft Teams a card, in which the texts of tests mean nothing', async () => {
  await using slack = await withRule({ target: { kind: 'slack' }, secret: `${target.url}/slack` });
  await using teams = await withRule({ target: { kind: 'teams' }, secret: `${target.url}/teams` });
  await reported('chat', ['failed']);
  const sent = (path: string) => bodyOf(target.received.find((request) => request.path === path)!);
  await eventually(() => expect([sent('/slack'), sent('/teams')]).toHaveLength(2));
  expect(sent('/slack')).toMatchObject({
    text: '🔴 chat failed',
    blocks: [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: expect.stringMatching(/^🔴 \*<.*\|chat failed>\*\n1 of 1 failed/) },
      },
      { type: 'section', text: { text: expect.stringContaining('case &lt;0&gt; @all>\n    case 0 failed') } },
      { type: 'context' },
    ],
  });
  const { attachments } = sent('/teams');
  expect(attachments[0]).toMatchObject({
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: { type: 'AdaptiveCard', actions: [{ type: 'Action.OpenUrl' }] },
  });
  const texts = (attachments[0].content.body as { text?: string }[]).map(({ text }) => text);
  expect(texts.join('\n')).toContain('case <0\\> @all');
  const { items } = await ada.api.notifications.list.query();
  expect(items).toMatchObject([{ host: new URL(target.url).host }, { host: new URL(target.url).host }]);
  expect(JSON.stringify(items)).not.toMatch(/\/slack|\/teams/);
  expect(await ada.api.notifications.test.mutate(slack)).toMatchObject({ ok: true, status: 204 });
  expect(teams.ruleId).not.toBe(slack.ruleId);
});

test('an e-mail arrives once, also when the mail server wants to be asked again', async () => {
  await using _ = await withRule({ target: { kind: 'email', to: ['team@example.com', 'ops@example.com'] } });
  mail.refuse(2);
  await reported('post', ['failed']);
  await eventually(() => expect(mail.received).toHaveLength(1));
  const [{ to, text }] = mail.received as [MailServer['received'][number]];
  expect(to).toEqual(['team@example.com', 'ops@example.com']);
  expect(text).toMatch(/^Subject: post failed\r$/m);
  expect(text).toContain('From: Runlight <runlight@example.com>');
  const [delivery] = (await ada.api.notifications.deliveries.query()).items;
  expect(text).toContain(`Message-ID: <${delivery!.id}@runlight>`);
  expect(text).toContain('case &lt;0&gt; @all');
  expect(text).toContain('case <0> @all');
  await eventually(async () =>
    expect((await ada.api.notifications.deliveries.query()).items[0]).toMatchObject({
      state: 'delivered',
      attempts: 3,
      answerStatus: null,
      answerBody: expect.stringMatching(/^250 /),
    }),
  );
});

test('GitHub gets the status of the commit, and one comment that changes from the first failure on', async () => {
  const comments: { id: number; body: string }[] = [{ id: 1, body: 'Looks good' }];
  const statuses: Record<string, unknown>[] = [];
  target.answer(({ method, path, body, headers }, res) => {
    const json = (status: number, value: unknown) =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (headers['authorization'] !== 'Bearer a-token') return 401;
    const of = /^\/api\/v3\/repos\/shop\/web(?:\/(.*))?$/.exec(path);
    const resource = of?.[1] ?? '';
    if (method === 'GET' && of && resource === '') return json(200, { full_name: 'shop/web' });
    if (method === 'POST' && resource === 'statuses/a1b2c3d4e5') {
      statuses.push(JSON.parse(body) as Record<string, unknown>);
      return 201;
    }
    if (method === 'GET' && resource.startsWith('issues/12/comments?')) return json(200, comments);
    const { body: text } = JSON.parse(body || '{}') as { body: string };
    if (method === 'POST' && resource === 'issues/12/comments') {
      comments.push({ id: comments.length + 1, body: text });
      return 201;
    }
    const id = Number(/^issues\/comments\/(\d+)$/.exec(resource)?.[1]);
    if (method !== 'PATCH' || !id) return 404;
    comments[id - 1]!.body = text;
    return 200;
  });
  await using rule = await withRule({
    target: { kind: 'github', repository: 'shop/web', comment: true },
    secret: 'a-token',
  });
  expect(await ada.api.notifications.test.mutate(rule)).toMatchObject({ ok: true, status: 200 });
  // A run that passes adds no comment to the pull request.
  const checks = await report('checks', ['passed', 'running']);
  await eventually(() => expect(statuses).toHaveLength(1));
  expect(statuses[0]).toMatchObject({ state: 'pending', target_url: expect.stringContaining(checks.runId) });
  await checks.report(caseEntry(1, 'passed'));
  await checks.finish('passed');
  await eventually(() => expect(statuses).toHaveLength(2));
  expect(statuses[1]).toMatchObject({ state: 'success', context: 'runlight/checks', description: '2 passed' });

  const reporter = await report('checks', ['passed', 'failed', 'running']);
  await eventually(() => expect(comments).toHaveLength(2));
  expect(comments[1]!.body).toContain('checks is failing');
  expect(comments[1]!.body).toContain('@\u200ball');
  expect(statuses.slice(2)).toMatchObject([
    { state: 'pending' },
    { state: 'pending', description: '2 of 3 done, 1 failed' },
  ]);
  await reporter.report(caseEntry(2, 'failed'));
  await reporter.finish('failed');
  await eventually(() => expect(comments[1]!.body).toContain('checks failed'));
  expect(comments[1]!.body).toContain('2 of 3 failed');
  expect(statuses[4]).toMatchObject({ state: 'failure', target_url: expect.stringContaining(reporter.runId) });
  const fixed = await report('checks', ['passed', 'passed', 'passed']);
  // A run that ends quickly sets the status once: its start is not sent any more.
  await eventually(() => expect(statuses).toHaveLength(6));
  await fixed.finish('passed');
  await eventually(() => expect(comments[1]!.body).toContain('checks passes again'));
  expect(comments).toHaveLength(2);
  expect(comments[0]!.body).toBe('Looks good');
  // Statuses come in order, and once at the start of each run. This includes a worker's run with a commit that is known only later.
  expect(statuses.slice(5).map(({ state }) => state)).toEqual(['pending', 'success']);
  const { id: testId } = await ada.api.tests.create.mutate({ name: 'Fetched', script: passing });
  const { runId } = await ada.api.tests.run.mutate({ testId });
  await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  const fetched = { commitSha: 'a1b2c3d4e5', branch: 'main' };
  for (let n = 0; n < 2; n++) await commitRun(app.services, runId, { from: ['running'], fetched });
  await eventually(() => expect(statuses).toHaveLength(8));
  await commitRun(app.services, runId, { from: ['running'], to: 'passed' });
  await eventually(() => expect(statuses).toHaveLength(9));
  expect(statuses.slice(7).map(({ state, context }) => `${state} ${context}`)).toEqual([
    'pending runlight/Fetched',
    'success runlight/Fetched',
  ]);

  await ada.api.notifications.update.mutate({ ...rule, secret: 'another-token' });
  expect(await ada.api.notifications.test.mutate(rule)).toMatchObject({
    ok: false,
    status: 401,
    error: expect.stringContaining('The token needs to'),
  });
  target.answer(() => 204);
});

test('owners get an e-mail when a rule is paused', async () => {
  target.answer(() => 500);
  const before = mail.received.length;
  await using rule = await withRule({ name: 'Pager', target: { kind: 'webhook', url: `${target.url}/down` } });
  await reported('paging', ['passed']);
  await eventually(() => expect(mail.received).toHaveLength(before + 1));
  expect(mail.received.at(-1)).toMatchObject({ to: ['ada@example.com'], text: expect.stringContaining('is paused') });
  expect(target.received.filter(({ path }) => path === '/down')).toHaveLength(failuresUntilPause);
  expect((await ada.api.notifications.list.query()).items).toMatchObject([{ id: rule.ruleId, waiting: 1 }]);
  target.answer(() => 204);
});
