import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { reporter01 } from '#server/testing/reporter-0.1.ts';
import { version } from '#server/config/installation.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});

/** Calls a procedure like programs of other versions, without the types of this version. */
async function call(procedure: string, input: object) {
  const answer = await fetch(`${app().url}/api/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...app().headers },
    body: JSON.stringify(input),
  });
  const { result, error } = (await answer.json()) as { result?: { data: object }; error?: { message: string } };
  return { ...result?.data, httpStatus: answer.status, message: error?.message };
}

/** Adds fields that this version does not know, at each depth. */
function withNews(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNews);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, withNews(field)] as const);
  return { ...Object.fromEntries(fields), news: { of: ['later'] } };
}

test.each([
  ['of 0.1', (it: object) => it],
  ['of a later version, which says more', (it: object) => withNews(it) as object],
])('a reporter %s is understood', async (name, said) => {
  const session = randomUUID();
  const { begin, entries, finish } = reporter01;
  const begun = await call('reports.begin', said({ ...begin, session, build: { ...begin.build, id: name } }));
  expect(begun).toMatchObject({ httpStatus: 200, part: 0, acknowledged: 0, version });
  const { runId, part } = begun as unknown as { runId: string; part: number };
  const { file } = entries[4];
  const sent = await fetch(`${app().url}/api/reports/${runId}/${part}/files/${file}`, {
    method: 'PUT',
    headers: { ...app().headers, 'x-runlight-session': session, 'content-type': 'text/plain' },
    body: 'kept',
  });
  expect(sent.status).toBe(200);
  const of = { runId, part, session };
  expect(await call('reports.append', said({ ...of, after: 0, entries }))).toMatchObject({
    httpStatus: 200,
    acknowledged: 7,
  });
  expect(await call('reports.finish', said({ ...of, after: 7, ...finish }))).toMatchObject({ status: 'error' });
  const run = await app().client.api.runs.byId.query({ runId });
  expect(run).toMatchObject({ status: 'error', errorDetails: 'outside of cases', total: 1, failed: 1 });
  expect(run.artifacts).toMatchObject([{ name: 'notes', bytes: 4 }]);
});

test('an entry of a kind that this version does not know is refused as a whole batch, which stores nothing', async () => {
  const session = randomUUID();
  const { begin, entries } = reporter01;
  const begun = await call('reports.begin', { ...begin, session, build: { ...begin.build, id: 'unknown kind' } });
  const { runId, part } = begun as unknown as { runId: string; part: number };
  const append = (more: object[]) =>
    call('reports.append', { runId, part, session, after: 0, entries: [entries[0], ...more] });
  expect(await append([{ type: 'heat', degrees: 3 }])).toMatchObject({
    httpStatus: 400,
    message: expect.stringContaining('type'),
  });
  expect(await append([])).toMatchObject({ httpStatus: 200, acknowledged: 1 });
});
