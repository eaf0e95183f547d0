import { afterAll, expect, test } from 'vitest';
import { tracer } from '#server/lib/traced.ts';
import { eventually } from '#server/testing/eventually.ts';
import { type ReceivedSpan, startOtlpReceiver } from '#server/testing/otlp-receiver.ts';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { useTestApp } from '#server/testing/resources.ts';
import * as scripts from '#server/testing/scripts.ts';

const receiver = await startOtlpReceiver();
// The receiver closes last, because the system sends spans until it has closed.
afterAll(() => receiver[Symbol.asyncDispose]());
const getApp = useTestApp({
  worker: true,
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_SERVICE_NAME: 'runlight-under-test',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
  },
});

/** The child span of `parent` with this name. */
function childOf(parent: ReceivedSpan, name: string): ReceivedSpan {
  const found = receiver.spans.find((span) => span.name === name && span.parentSpanId === parent.spanId);
  expect(found, `${name} in ${parent.name}`).toMatchObject({ traceId: parent.traceId });
  return found!;
}

test('a request, its commit, its messages, their delivery to watchers and the execution of its run are one trace', async () => {
  const { client } = getApp();
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Traced', script: scripts.passing });
  const activity = client.stream((api) => api.tests.onStatus, { testId });
  await activity.started;
  const { runId } = await client.api.tests.run.mutate({ testId });
  await activity.ended;

  await eventually(() => {
    const request = receiver.spans.find(({ name }) => name === 'POST /api/trpc/tests.run')!;
    expect(request).toMatchObject({
      parentSpanId: undefined,
      attributes: { 'http.request.method': 'POST', 'http.response.status_code': 200 },
    });
    const enqueue = childOf(request, 'enqueue run');
    expect(enqueue.attributes).toMatchObject({ 'runlight.run.id': runId });
    const delivery = childOf(childOf(enqueue, 'publish'), 'deliver test:*:status');
    expect(delivery.attributes).toMatchObject({
      'messaging.destination.name': `test:${testId}:status`,
      'runlight.watchers': 1,
    });
    const execution = childOf(enqueue, 'execute run');
    const end = receiver.spans.filter(
      ({ name, parentSpanId }) => name === 'commit' && parentSpanId === execution.spanId,
    );
    expect(end.length).toBeGreaterThan(1);
    const ended = end
      .map((commit) => childOf(commit, 'publish'))
      .find((publish) =>
        receiver.spans.some(
          ({ name, parentSpanId }) => name === 'deliver test:*:complete' && parentSpanId === publish.spanId,
        ),
      );
    expect(ended).toBeDefined();
    expect(receiver.resource).toMatchObject({
      'service.name': 'runlight-under-test',
      'service.version': expect.any(String),
    });
  });
  // Endless streams do not count as requests.
  expect(receiver.spans.filter(({ name }) => name.includes('onStatus'))).toEqual([]);
});

test('a run that has ended is a trace under its own id: parts, and cases with status, retries and the times of the data', async () => {
  const { client } = getApp();
  const reporter = await playReporter(client, { suite: 'shop' });
  await reporter.report(casesEntry('Pay › by card', 'Pay › by bill', 'Pay › later'));
  await reporter.report(caseEntry(0, 'running'), caseEntry(1, 'running'));
  await reporter.report(
    caseEntry(0, 'failed'),
    caseEntry(0, 'passed', { attempt: 1, flaky: true, duration: 30 }),
    caseEntry(1, 'failed'),
  );
  await reporter.finish('failed');
  const { runId } = reporter;
  const run = await client.api.runs.byId.query({ runId });

  const traceId = runId.replaceAll('-', '');
  const spans = await eventually(() => {
    const found = receiver.spans.filter((span) => span.traceId === traceId);
    expect(found.some(({ name }) => name === 'run shop')).toBe(true);
    return found;
  });
  const root = spans.find(({ name }) => name === 'run shop')!;
  expect(root).toMatchObject({
    parentSpanId: undefined,
    begin: Date.parse(run.queuedAt),
    end: Date.parse(run.completedAt!),
    status: { code: 2 },
    attributes: {
      'runlight.run.id': runId,
      'runlight.run.status': 'failed',
      'test.suite.run.status': 'failure',
      'runlight.cases.total': 3,
      'runlight.cases.flaky': 1,
      'vcs.ref.head.name': 'main',
    },
  });
  const cause = receiver.spans.find(({ spanId }) => spanId === root.links[0]?.spanId);
  expect(cause?.name).toBe('commit');

  const part = childOf(root, 'part 1');
  expect(part.attributes).toMatchObject({ 'runlight.part.status': 'failed', 'host.name': 'ci-7' });
  const flaky = childOf(part, 'Pay › by card');
  expect(flaky).toMatchObject({
    status: { code: 0 },
    attributes: {
      'test.case.name': 'Pay › by card',
      'test.case.result.status': 'pass',
      'runlight.case.status': 'passed',
      'runlight.case.attempts': 2,
      'runlight.case.retries': 1,
      'runlight.case.flaky': true,
      'code.file.path': 'shop/pay.spec.ts',
      'code.line.number': 3,
    },
  });
  const failed = childOf(part, 'Pay › by bill');
  expect(failed).toMatchObject({
    status: { code: 2, message: 'case 1 failed' },
    attributes: { 'test.case.result.status': 'fail', 'runlight.case.retries': 0 },
  });
  const rows = await getApp()
    .services.db.selectFrom('runCases')
    .select(['startedAt', 'completedAt'])
    .where('runId', '=', runId)
    .orderBy('index')
    .execute();
  const times = rows.slice(0, 2).map(({ startedAt, completedAt }) => [startedAt, completedAt]);
  const iso = (ms: number) => new Date(ms).toISOString();
  expect([flaky, failed].map(({ begin, end }) => [iso(begin), iso(end)])).toEqual(times);
  // A case that never began has no time.
  expect(spans.some(({ name }) => name === 'Pay › later')).toBe(false);
});

test('the collector gets the metrics of /metrics, each once', async () => {
  const { client, url, headers } = getApp();
  const stats = client.stream((api) => api.queue.onStats);
  await stats.started;
  await eventually(() =>
    expect(receiver.metrics.get('runlight_watchers')?.points).toEqual([
      { attributes: {}, value: 1, counts: undefined },
    ]),
  );
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const named = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name, help]) => [name, help]);
  expect([...receiver.metrics].map(([name, { description }]) => [name, description])).toEqual(named);
  expect(receiver.metrics.get('process_cpu_seconds_total')?.kind).toBe('sum');
  const pauses = receiver.metrics.get('nodejs_gc_duration_seconds')!;
  expect(pauses.kind).toBe('histogram');
  for (const { counts } of pauses.points) {
    expect(counts!.buckets).toHaveLength(counts!.boundaries.length + 1);
    expect(counts!.buckets.reduce((sum, count) => sum + count)).toBe(counts!.count);
  }
});

test('while the collector hangs, requests are answered and spans are kept up to a bound; later ones arrive when it is back', async () => {
  const { client } = getApp();
  receiver.answers = 'hang';
  const named = (name: string) => receiver.spans.filter((span) => span.name === name).length;
  for (let count = 0; count < 10_000; count += 1) {
    tracer().startSpan('too many').end();
    if (count % 1_000 === 0) await client.api.queue.stats.query();
  }
  receiver.answers = 'ok';
  receiver.cut();
  await eventually(() => {
    tracer().startSpan('afterwards').end();
    expect(named('afterwards')).toBeGreaterThan(0);
  });
  expect(named('too many')).toBeGreaterThan(0);
  expect(named('too many')).toBeLessThan(4_000);
});
