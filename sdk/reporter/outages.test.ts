import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '#server/testing/built-package.ts';
import { eventually } from '#server/testing/eventually.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { playwrightSuite } from './testing/playwright-suite.ts';
import { reportedRun, runIdIn } from '#server/testing/reported-run.ts';
import { goOn, reached, steeredSuite } from '#server/testing/steered-suite.ts';

const app = useTestApp({});
beforeAll(() => void builtPackage());

const access = (url: string) => ({ RUNLIGHT_URL: url, RUNLIGHT_TOKEN: app().token });
/** The output of the second case. */
const lines = Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join('');

/** Everything of the steered suite is in Runlight, and once. */
async function expectWhole(stderr: string) {
  const run = await reportedRun(app(), runIdIn(stderr));
  expect(run).toMatchObject({ status: 'passed', total: 3, passed: 3 });
  const output = run.events.flatMap((event) => (event.type === 'log' && event.stream === 'stdout' ? [event.text] : []));
  expect(output.join('')).toBe(lines);
  const steps = run.events.filter((event) => event.type === 'step' && event.title.startsWith('step '));
  expect(steps).toHaveLength(400);
  expect(run.artifacts.map(({ name }) => name)).toContain('notes');
  return run;
}

test('a report goes on while Runlight is away, and has caught up in the end', async () => {
  using proxy = await startRestartingProxy(app().url);
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], access(proxy.url));
  await reached(suite, 'one');
  await eventually(() => expect(running.output.stderr).toContain('/runs/'), { withinMs: 60_000 });
  proxy.restart(1_000_000);
  await goOn(suite, 'one', 'two');
  await reached(suite, 'three');
  // It has tried several times.
  const before = proxy.refusals();
  await eventually(() => expect(proxy.refusals()).toBeLessThan(before - 2));
  proxy.restart(0);
  await goOn(suite, 'three');
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  await expectWhole(stderr);
});

test('a Runlight that comes only later gets everything', async () => {
  using proxy = await startRestartingProxy(app().url);
  proxy.restart(1_000_000);
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], access(proxy.url));
  await goOn(suite, 'one', 'two');
  await reached(suite, 'three');
  await eventually(() => expect(running.output.stderr).toContain('The tests go on'));
  proxy.restart(0);
  await eventually(() => expect(running.output.stderr).toContain('/runs/'));
  await goOn(suite, 'three');
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr.trim().split('\n')).toMatchObject(
    [/cannot be reached: it answers 502/, /\/runs\//].map((text) => expect.stringMatching(text)),
  );
  await expectWhole(stderr);
});

test('what is lost on the way back was stored, and is not sent again', async () => {
  using proxy = await startRestartingProxy(app().url);
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], access(proxy.url));
  await reached(suite, 'one');
  await eventually(() => expect(running.output.stderr).toContain('/runs/'), { withinMs: 60_000 });
  for (const name of ['one', 'two', 'three']) {
    proxy.loseNextAnswer();
    await goOn(suite, name);
  }
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  await expectWhole(stderr);
});

test('a file is sent again after its connection is cut, and is there as a whole', async () => {
  using proxy = await startRestartingProxy(app().url);
  await using suite = await playwrightSuite(steeredSuite);
  proxy.cutNextUpload();
  await goOn(suite, 'one', 'two', 'three');
  const { code, stderr } = await suite.run([], access(proxy.url));
  expect(code).toBe(0);
  expect(proxy.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(2);
  const { artifacts } = await expectWhole(stderr);
  const notes = artifacts.find(({ name }) => name === 'notes')!;
  expect(await (await fetch(app().url + notes.path, { headers: app().headers })).text()).toBe('kept');
});

test('what could not be delivered in the time for that is said in one line, here and in the run', async () => {
  using proxy = await startRestartingProxy(app().url);
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], { ...access(proxy.url), CATCH_UP: '2' });
  await reached(suite, 'one');
  await eventually(() => expect(running.output.stderr).toContain('/runs/'), { withinMs: 60_000 });
  proxy.restart(1_000_000);
  await goOn(suite, 'one', 'two', 'three');
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  const [, line, ...rest] = stderr.trim().split('\n');
  expect(line).toMatch(/^Runlight: not delivered: \d+ entries of the log, 1 file: notes of "second"/);
  expect(rest).toEqual([]);
});
