import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { reportLimits } from '#shared/report-limits.ts';
import { caseEntry, casesEntry, logEntry, playReporter, stepEntry } from '#server/testing/played-reporter.ts';
import { testApp, useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});
const api = () => app().client.api;

test('names with every kind of character are stored, and found again', async () => {
  const strange = [
    '\0nul',
    '\ud800 alone',
    '‮right to left',
    '😀 › › |',
    '<script>alert(1)</script>',
    '%00 ${x} {{y}}',
    'é e\u0301',
  ];
  const reporter = await playReporter(app().client, {
    suite: "Robert'); drop table suites; -- 😀",
    build: { id: '\0\ud800 build', attempt: '\n2\t', url: null, provider: null },
    commit: { branch: '‮feature/😀\0', message: 'line\nbreak', author: '\ud800' },
    executor: '\u0007ci',
  });
  const { runId } = reporter;
  await reporter.report(
    casesEntry(...strange),
    ...strange.flatMap((text, index) => [
      caseEntry(index, 'running'),
      stepEntry(text.slice(0, 40), index, { title: text, category: 'test.step' }),
      logEntry(text, index),
      caseEntry(index, 'failed', {
        errors: [{ message: text }],
        annotations: [{ type: text, description: text }],
        tags: [text],
      }),
    ]),
    { type: 'error', error: { message: strange.join('\n') } },
  );
  await reporter.finish('failed', strange.join('\n'));
  expect(await api().runs.byId.query({ runId })).toMatchObject({
    status: 'error',
    total: 7,
    failed: 7,
    trigger: 'cli',
  });
  const { items } = await api().runs.cases.query({ runId });
  expect(items.map(({ title }) => title.replaceAll('\ufffd', '?'))).toEqual(['?nul', '? alone', ...strange.slice(2)]);
  for (const { title, index } of items.slice(2)) {
    expect((await api().runs.cases.query({ runId, search: title })).items.map((it) => it.index)).toContain(index);
    expect((await api().runs.steps.query({ runId, caseIndex: index, attempt: 0 })).items).toHaveLength(3);
  }
});

test('what is too large is refused, and the message names the limit', async () => {
  const reporter = await playReporter(app().client);
  await expect(reporter.report(...Array.from({ length: 2_001 }, () => logEntry('x')))).rejects.toMatchObject({
    data: { code: 'BAD_REQUEST' },
    message: expect.stringContaining('2000'),
  });
  await expect(reporter.report(logEntry('x'.repeat(16_001)))).rejects.toMatchObject({
    message: expect.stringContaining('at most 16000 characters'),
  });
  const { runId, part, session } = reporter;
  const large = JSON.stringify({ runId, part, session, after: 0, entries: [], more: 'x'.repeat(9_000_000) });
  const answer = await fetch(`${app().url}/api/trpc/reports.append`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...app().headers },
    body: large,
  });
  expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining('at most 8 MiB')]);
  expect(await reporter.beat()).toEqual({ acknowledged: 0 });
});

test('a part with too many cases ends, and says which limit there is', async () => {
  await using small = await testApp({ limits: { cases: 3 } });
  const reporter = await playReporter(small.client);
  const { runId } = reporter;
  await expect(reporter.report(casesEntry('1', '2', '3', '4'))).rejects.toMatchObject({
    data: { code: 'PAYLOAD_TOO_LARGE' },
    message: expect.stringContaining('RUN_MAX_CASES'),
  });
  expect(await small.client.api.runs.byId.query({ runId })).toMatchObject({ status: 'error', errorCode: 'case_limit' });
  await expect(reporter.finish()).rejects.toMatchObject({ message: expect.stringContaining('RUN_MAX_CASES') });
});

test('a project has a limit of suites and of reported runs that are not over, and the messages name them', async () => {
  await using full = await testApp({});
  const { client, services } = full;
  const reporter = await playReporter(client);
  await sql`insert into runs select (jsonb_populate_record(runs, jsonb_build_object('id', gen_random_uuid()))).*
    from runs, generate_series(2, ${reportLimits.liveRunsPerProject}::integer)`.execute(services.db);
  await expect(playReporter(client)).rejects.toMatchObject({
    data: { code: 'TOO_MANY_REQUESTS' },
    message:
      'The project has 500 reported runs that are not over, and may have 500. Wait for some to end, or cancel them.',
  });
  // What goes on already, does.
  expect(await reporter.report(casesEntry('one'), caseEntry(0, 'passed'))).toBe(2);
  expect(await reporter.finish()).toEqual({ status: 'passed' });
  expect((await playReporter(client)).begun.acknowledged).toBe(0);
  await sql`insert into suites (id, project_id, name) select gen_random_uuid(), project_id, name || n
    from suites, generate_series(2, ${reportLimits.suitesPerProject}::integer) as n`.execute(services.db);
  await expect(playReporter(client, { suite: 'one too many' })).rejects.toMatchObject({
    data: { code: 'TOO_MANY_REQUESTS' },
    message: expect.stringMatching(/has 1000 suites, and may have 1000.*RUNLIGHT_SUITE/),
  });
});
