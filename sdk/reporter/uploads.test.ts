import { expect, test } from 'vitest';
import { text } from 'node:stream/consumers';
import { eventually } from '#server/testing/eventually.ts';
import { readOptions } from '#sdk/client/options.ts';
import { foreignServer } from '#sdk/live/testing/foreign-server.ts';
import type { ReportFile } from './report-sink.ts';
import { Uploads } from './uploads.ts';

const limits = { acknowledged: 0, maxFileBytes: 1e9, maxRunBytes: 1e9, maxCases: 10 };
const part = { runId: 'run', part: 0, session: 'session' };
const film: ReportFile = { file: 'film.webm', name: 'film', contentType: 'video/webm', source: Buffer.from('film') };

test('an upload that gets no further is cut and tried again, and one that never does is named', async () => {
  let requests = 0;
  let takes = false;
  using server = await foreignServer((req, res) => {
    requests += 1;
    if (takes) void text(req).then((body) => res.end(body));
  });
  const done: string[] = [];
  const uploads = new Uploads({
    client: readOptions({ url: server.url, token: 'x' }),
    onDone: ({ name }) => done.push(name),
    stalledMs: 50,
  });
  uploads.start(part, { ...limits, ...part });
  uploads.add(film);
  await eventually(() => expect(requests).toBeGreaterThan(1));
  takes = true;
  await eventually(() => expect(done).toEqual(['film']));
  takes = false;
  uploads.add({ ...film, name: 'other' });
  const before = requests;
  await eventually(() => expect(requests).toBeGreaterThan(before));
  uploads.abort();
  await uploads.flush();
  expect(uploads.undelivered).toEqual([expect.stringMatching(/^other \(Runlight could not be reached: .+\)$/)]);
});
