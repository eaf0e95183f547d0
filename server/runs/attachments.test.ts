import { expect, test } from 'vitest';
import { script } from '#server/testing/execute-scripts.ts';
import { testApp } from '#server/testing/resources.ts';

test('attachments of a test, files or not, are listed with its run and can be fetched', async () => {
  await using app = await testApp({ worker: true });
  const { api, stream } = app.client;
  const attaches = script(`
    import { execFileSync } from 'node:child_process';
    import fs from 'node:fs';
    test('attaches', async () => {
      const info = test.info();
      fs.writeFileSync(info.outputPath('file.txt'), 'a file');
      await info.attach('file', { path: info.outputPath('file.txt') });
      await info.attach('note', { body: 'a note' });
      await info.attach('Answer of /api.JSON', { body: '{"ok":true}', contentType: 'application/json' });
      await info.attach('pixel', { body: Buffer.from([1, 2, 3]), contentType: 'image/png' });
      await info.attach('../../../evil/\\0', { body: '<script>alert(1)</script>', contentType: 'text/html' });
      await info.attach('nothing', { body: '' });
      // The place for the file is taken by a pipe that has no reader.
      const dir = info.outputDir + '/../../attachments';
      fs.mkdirSync(dir);
      execFileSync('mkfifo', [dir + '/7-blocked.txt']);
      await info.attach('blocked', { body: 'blocked' });
    });`);
  const { id: testId } = await api.tests.create.mutate({ name: 'Attaches', script: attaches });
  const started = await api.tests.run.mutate({ testId });
  await stream((api) => api.runs.onStatus, started).ended;
  const run = await api.runs.byId.query(started);
  expect(run).toMatchObject({ status: 'passed' });
  const fetched = await Promise.all(
    run.artifacts
      .filter(({ position }) => position === 0)
      .map(async ({ name, kind, contentType, path, bytes }) => {
        const response = await fetch(app.url + path, { headers: app.headers });
        const body = await response.text();
        expect(Buffer.byteLength(body)).toBe(bytes);
        const disposition = response.headers.get('content-disposition');
        return { name, kind, contentType, file: path.split('/').at(-1), body, disposition };
      }),
  );
  const text = { kind: 'log', contentType: 'text/plain', disposition: 'inline' };
  expect(fetched).toEqual([
    { ...text, name: 'file', file: expect.stringMatching(/\.txt$/), body: 'a file' },
    { ...text, name: 'note', file: '2-note.txt', body: 'a note' },
    {
      ...text,
      name: 'Answer of /api.JSON',
      contentType: 'application/json',
      file: '3-api.json',
      body: '{"ok":true}',
    },
    {
      ...text,
      name: 'pixel',
      kind: 'screenshot',
      contentType: 'image/png',
      file: '4-pixel.png',
      body: '\u0001\u0002\u0003',
    },
    {
      ...text,
      name: expect.stringMatching(/^..\/..\/..\/evil\//),
      contentType: 'text/html',
      disposition: 'attachment',
      file: '5-attachment.html',
      body: '<script>alert(1)</script>',
    },
    { ...text, name: 'nothing', file: '6-nothing.txt', body: '' },
  ]);
});
