import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createTestClient } from '#server/testing/client.ts';
import { databaseUrl } from '#server/testing/database-url.ts';
import { eventually } from '#server/testing/eventually.ts';
import { freePort } from '#server/testing/free-port.ts';
import { startOtlpReceiver } from '#server/testing/otlp-receiver.ts';
import { startRunlight } from '#server/testing/process.ts';
import { testDatabase } from '#server/testing/resources.ts';
import * as scripts from '#server/testing/scripts.ts';

const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-telemetry-'));
const DATA_DIR = dir;

async function servers() {
  const database = await testDatabase();
  const receiver = await startOtlpReceiver();
  return {
    receiver,
    env: { DATA_DIR, DATABASE_URL: databaseUrl(database.connection), SHUTDOWN_TIMEOUT: '0' },
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

test('a collector that is away, fails or hangs, and settings that contradict each other, stop neither the start, requests nor the end', async () => {
  await using system = await servers();
  const { receiver, env } = system;
  await using runlight = await startRunlight({
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://127.0.0.1:${await freePort()}/v1/metrics`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_METRIC_EXPORT_INTERVAL: '500',
    OTEL_TRACES_SAMPLER: 'sometimes',
  });
  expect(runlight.messages()).toContainEqual(
    expect.stringMatching(/^OpenTelemetry: OTEL_TRACES_SAMPLER=sometimes must be/),
  );
  const { api } = createTestClient(runlight);
  await eventually(() =>
    expect(runlight.messages()).toContainEqual(
      expect.stringMatching(/^OpenTelemetry: metrics cannot be sent to http:\/\/127.0.0.1:\d+\/v1\/metrics; /),
    ),
  );

  // Protobuf, as nothing else is asked for.
  const { id: testId } = await api.tests.create.mutate({ name: 'Traced', script: scripts.passing });
  await eventually(() => {
    const request = receiver.requests.find(
      ({ path, body }) => path === '/v1/traces' && body.includes('POST /api/trpc/tests.create'),
    );
    expect(request?.contentType).toBe('application/x-protobuf');
  });

  receiver.answers = 'error';
  await api.tests.list.query();
  await eventually(() =>
    expect(runlight.messages()).toContainEqual(expect.stringMatching(/^OpenTelemetry: traces cannot be sent to /)),
  );
  receiver.answers = 'ok';
  await eventually(async () => {
    await api.tests.list.query();
    expect(runlight.messages()).toContainEqual(expect.stringMatching(/^OpenTelemetry: traces are sent to .* again$/));
  });

  const { runId } = await api.tests.run.mutate({ testId });
  const started = await eventually(() => {
    const line = runlight.lines().find((line) => line.msg === 'run started' && line.runId === runId);
    expect(line).toMatchObject({
      trace_id: expect.stringMatching(/^[\da-f]{32}$/),
      span_id: expect.stringMatching(/^[\da-f]{16}$/),
      trace_flags: '01',
    });
    return line!;
  });
  expect(runlight.lines().filter(({ msg }) => msg!.startsWith('Runlight is ready'))[0]).not.toHaveProperty('trace_id');
  await eventually(() =>
    expect(receiver.requests.some(({ body }) => body.includes(Buffer.from(started.trace_id as string, 'hex')))).toBe(
      true,
    ),
  );

  receiver.answers = 'hang';
  await api.tests.list.query();
  runlight.kill('SIGTERM');
  expect(await runlight.exit).toBe(0);
});
