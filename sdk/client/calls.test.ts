import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { freePort } from '#server/testing/free-port.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { foreignServer } from '#sdk/live/testing/foreign-server.ts';
import { passing } from '#server/testing/scripts.ts';
import { createRunlight } from './create-runlight.ts';
import { RefusedError, RunlightError, UnreachableError } from './errors.ts';

const app = useTestApp({});
const unknownId = '018f0000-0000-7000-8000-000000000000';

const errorOf = async (promise: Promise<unknown>) => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof RunlightError)) throw new Error('It did not fail as a RunlightError', { cause: error });
  return error;
};

describe('calls', () => {
  test('go through, from any form of the address, and names of no procedure are none', async () => {
    const { url, token } = app();
    const { id } = await createRunlight({ url, token }).tests.create.mutate({ name: 'Health', script: passing });
    for (const form of [`${url}/`, `${url}/?token=${token}`]) {
      const runlight = createRunlight({ url: form, token: form.includes('?') ? undefined : token });
      expect(runlight.url).toBe(url);
      const [{ items }, test] = await Promise.all([
        runlight.tests.list.query({ search: 'Health' }),
        runlight.tests.byId.query({ testId: id }),
      ]);
      expect([items.map((item) => item.id), test.name]).toEqual([[id], 'Health']);
    }
    const runlight = createRunlight({ url, token });
    expect(await Promise.resolve(runlight)).toBe(runlight);
  });

  test('fail with the words of the server', async () => {
    const { url, token } = app();
    const runlight = createRunlight({ url, token });
    expect(await errorOf(runlight.tests.byId.query({ testId: unknownId }))).toMatchObject({
      constructor: RefusedError,
      code: 'NOT_FOUND',
      status: 404,
      procedure: 'tests.byId',
      message: expect.stringContaining(unknownId),
    });
    expect(await errorOf(runlight.tests.create.mutate({ name: '', script: 'x' }))).toMatchObject({
      code: 'BAD_REQUEST',
      message: 'name: must not be empty',
      fieldErrors: { name: ['must not be empty'] },
    });
    // A package that is newer than the server knows more.
    const newer = runlight as unknown as { runs: { foretell: { query(): Promise<unknown> } } };
    expect(await errorOf(newer.runs.foretell.query())).toMatchObject({
      code: 'NOT_FOUND',
      message: `Runlight at ${url} has no runs.foretell: it is of another version than this package. Install its own: npm install -D ${url}/runlight.tgz`,
    });
  });

  test('with a wrong token are refused at once', async () => {
    const { api } = { api: createRunlight({ url: app().url, token: 'rl_wrong' }) };
    for (const error of [
      await errorOf(api.tests.list.query()),
      await errorOf(api.tests.run.mutate({ testId: unknownId, idempotencyKey: '7' })),
    ])
      expect(error).toMatchObject({ constructor: RefusedError, code: 'UNAUTHORIZED', status: 401 });
  });

  test('from a page of another origin are refused at once', async () => {
    const { url, token } = app();
    const foreign: typeof fetch = (input, init) =>
      fetch(input, { ...init, headers: { ...(init?.headers as object), origin: 'https://evil.example' } });
    const runlight = createRunlight({ url, token, fetch: foreign });
    expect(await errorOf(runlight.tests.create.mutate({ name: 'Health', script: passing }))).toMatchObject({
      constructor: RefusedError,
      code: 'FORBIDDEN',
      message: expect.stringContaining('Pages of another origin (https://evil.example)'),
    });
  });

  test('end with the reason of their signal', async () => {
    using server = await foreignServer(() => {});
    const runlight = createRunlight({ url: server.url, token: 'x' });
    const reason = new Error('changed my mind');
    const abort = new AbortController();
    const call = runlight.tests.list.query(undefined, { signal: abort.signal });
    abort.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(runlight.tests.list.query(undefined, { signal: abort.signal })).rejects.toBe(reason);
  });
});

describe('a Runlight that is away', () => {
  test('is asked again, until it is back', async () => {
    using proxy = await startRestartingProxy(app().url);
    const runlight = createRunlight({ url: proxy.url, token: app().token });
    proxy.restart(3);
    await runlight.tests.list.query();
    expect(proxy.requests).toHaveLength(4);
  });

  test('gets a mutation again only if that does it once', async () => {
    const { url, token } = app();
    using proxy = await startRestartingProxy(url);
    const runlight = createRunlight({ url: proxy.url, token });
    const { id: testId } = await runlight.tests.create.mutate({ name: 'Twice', script: passing });
    const sent = proxy.requests.length;
    proxy.loseNextAnswer();
    const error = await errorOf(runlight.tests.run.mutate({ testId }));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(proxy.requests).toHaveLength(sent + 1);
    proxy.loseNextAnswer();
    const { runId } = await runlight.tests.run.mutate({ testId, idempotencyKey: 'build-7' });
    expect(proxy.requests).toHaveLength(sent + 3);
    const { items } = await runlight.runs.list.query({ testId });
    expect(items).toHaveLength(2);
    expect(items[0]!.id).toBe(runId);
  });

  test('gets a mutation that could not be sent once it listens', async () => {
    const port = await freePort();
    const runlight = createRunlight({ url: `http://127.0.0.1:${port}`, token: app().token });
    const call = runlight.tests.create.mutate({ name: 'Late', script: passing });
    const server = createServer((req, res) => {
      res.writeHead(307, { location: app().url + req.url! }).end();
    }).listen(port, '127.0.0.1');
    try {
      expect(await errorOf(call)).toMatchObject({ code: 'UNAUTHORIZED' });
    } finally {
      server.close();
    }
  });

  test('for good is an error within the time given, with the cause', async () => {
    const port = await freePort();
    using silent = await foreignServer(() => {});
    using page = await foreignServer((_req, res) =>
      res.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>'),
    );
    const cases = [
      [`http://127.0.0.1:${port}`, `connect ECONNREFUSED 127.0.0.1:${port}`],
      [silent.url, 'has not answered tests.list within 0.3 s'],
      [page.url, 'it answers 404 (text/html)'],
    ] as const;
    for (const [url, cause] of cases) {
      const error = await errorOf(createRunlight({ url, token: 'x', timeoutMs: 300 }).tests.list.query());
      expect(error).toBeInstanceOf(UnreachableError);
      expect(error.message).toContain(`Runlight at ${url}`);
      expect(error.message).toContain(cause);
    }
  });
});

test.for([
  [{ url: '' }, 'RUNLIGHT_URL'],
  [{ url: 'runlight.example.com' }, '"runlight.example.com" is not the address'],
  [{ url: 'https://runlight.example.com', token: '' }, 'RUNLIGHT_TOKEN'],
  [{ url: 'https://runlight.example.com', token: 'rl_a\n' }, 'copy it again'],
] as const)('options that cannot be right are named: %o', ([options, text]) => {
  expect(() => createRunlight(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  expect(() => createRunlight(options)).toThrow(text);
});

test('an idempotency key that was made of nothing is refused', async () => {
  const { url, token } = app();
  const runlight = createRunlight({ url, token });
  for (const idempotencyKey of [`build-${undefined}`, 'undefined', `${null}`, `${NaN}-1`, `${{}}`]) {
    const error = await errorOf(runlight.tests.run.mutate({ testId: unknownId, idempotencyKey }));
    expect(error, idempotencyKey).toMatchObject({
      code: 'BAD_REQUEST',
      fieldErrors: { idempotencyKey: [expect.stringContaining('not there')] },
    });
  }
  const fine = await errorOf(
    runlight.tests.run.mutate({ testId: unknownId, idempotencyKey: 'undefinedness-nullable' }),
  );
  expect(fine.code).toBe('NOT_FOUND');
});
