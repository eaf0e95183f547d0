import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { script } from '#server/testing/execute-scripts.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp({ worker: true });
});
afterAll(() => app[Symbol.asyncDispose]());

const value = 'pa$$ "word" &/ö';

async function runScript(body: string) {
  const { api, stream } = app.client;
  const { id } = await api.tests.create.mutate({ name: 'Reader', script: script(body) });
  const started = await api.tests.run.mutate({ testId: id });
  const [status, events] = [stream((api) => api.runs.onStatus, started), stream((api) => api.runs.onEvents, started)];
  await Promise.all([status.ended, events.ended]);
  return { run: await api.runs.byId.query(started), events: events.data };
}

test('variables are set, replaced, listed by name and removed; values are never returned', async () => {
  const { variables } = app.client.api;
  await variables.set.mutate({ name: 'B_TOKEN', value: 'first value' });
  await variables.set.mutate({ name: 'B_TOKEN', value: 'second value' });
  await variables.set.mutate({ name: 'A_TOKEN', value });
  const list = await variables.list.query();
  expect(list.items).toEqual(
    ['A_TOKEN', 'B_TOKEN'].map((name) => ({
      name,
      isSecret: true,
      value: null,
      updatedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })),
  );
  const rows = await app.services.db.selectFrom('variables').selectAll().execute();
  expect(JSON.stringify(rows)).not.toMatch(/value"?:"?second|pa\$\$/);
  await variables.remove.mutate({ name: 'B_TOKEN' });
  expect((await variables.list.query()).items.map(({ name }) => name)).toEqual(['A_TOKEN']);
  await expect(variables.remove.mutate({ name: 'B_TOKEN' })).rejects.toThrow('There is no variable B_TOKEN');
  for (const name of ['PATH', 'NODE_OPTIONS', 'RUNLIGHT_URL', '1X', 'with-dash', 'PLAYWRIGHT_BROWSERS_PATH'])
    await expect(variables.set.mutate({ name, value: 'x' }), name).rejects.toThrow(/^name: /);
});

test('tests read variables, and output, errors, attachments and reports hide their values', async () => {
  await app.client.api.variables.set.mutate({ name: 'A_TOKEN', value });
  const key = ['-----BEGIN KEY-----', 'MIIBVQIBADANBgkqhkiG', '-----END KEY-----'].join('\n');
  await app.client.api.variables.set.mutate({ name: 'A_KEY', value: key });
  const { run, events } = await runScript(`
    const secret = process.env.A_TOKEN;
    console.log('while loading', secret);
    test('reads', async ({}, info) => {
      console.log('it has ' + secret.length + ' characters: ' + secret);
      console.error(encodeURIComponent(secret), Buffer.from(secret).toString('base64'), JSON.stringify({ secret }));
      process.stdout.write(Buffer.from('bytes ' + secret));
      for (const line of process.env.A_KEY.split('\\n')) console.log('| ' + line);
      await test.step('types ' + secret, async () => {});
      await info.attach('note', { body: 'attached ' + secret, contentType: 'text/plain' });
      expect(secret, 'the secret').toBe('something else');
    });`);
  expect(run.status).toBe('failed');
  const shown = JSON.stringify([run, events]);
  expect(shown).toContain(`it has ${value.length} characters: ***`);
  expect(shown).toContain('types ***');
  expect(shown).toContain('| -----BEGIN KEY-----');
  expect(shown).toContain('| ***');
  const forms = [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    JSON.stringify(value).slice(1, -1),
    'MIIBVQIBADANBgkqhkiG',
  ];
  const files = await Promise.all(
    run.artifacts
      .filter(({ kind }) => kind === 'report' || kind === 'log')
      .map(async ({ path }) => (await fetch(app.url + path, { headers: app.headers })).text()),
  );
  expect(files.length).toBeGreaterThanOrEqual(2);
  for (const text of [shown, ...files, ...files.map(unpack)])
    for (const form of forms) expect(text).not.toContain(form);
  expect(files.map(unpack).join()).toContain('types ***');
});

test('a run ends with an error when its variables cannot be read', async () => {
  await app.client.api.variables.set.mutate({ name: 'A_TOKEN', value });
  await app.services.db.updateTable('variables').set({ value: 'v1.AAAA' }).execute();
  const { run } = await runScript(`test('passes', () => {});`);
  expect(run).toMatchObject({ status: 'error', errorCode: 'variables_unreadable' });
  expect(run.errorDetails).toMatch(/^The variable \w+ cannot be read/);
});

/** The data of Playwright's report, which it carries as a ZIP archive; empty for what is no report. */
function unpack(html: string): string {
  const base64 = /data:application\/zip;base64,([\w+/=]+)/.exec(html)?.[1];
  if (base64 === undefined) return '';
  const zip = Buffer.from(base64, 'base64');
  const texts: string[] = [];
  // https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12: the central directory
  for (let at = zip.indexOf('PK\x01\x02'); at !== -1; at = zip.indexOf('PK\x01\x02', at + 46)) {
    const [method, bytes, start] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)];
    const data = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28);
    const entry = zip.subarray(data, data + bytes);
    texts.push(String(method === 0 ? entry : inflateRawSync(entry)));
  }
  return texts.join('\n');
}
