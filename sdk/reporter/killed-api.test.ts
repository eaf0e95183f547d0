import { expect, test } from 'vitest';
import { builtPackage } from '#server/testing/built-package.ts';
import { createTestClient } from '#server/testing/client.ts';
import { testCluster } from '#server/testing/cluster.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { freePort } from '#server/testing/free-port.ts';
import { reportedRun, runIdIn } from '#server/testing/reported-run.ts';
import { goOn, reached, steeredSuite } from '#server/testing/steered-suite.ts';
import { startWatchers } from '#server/testing/watchers.ts';
import { playwrightSuite } from './testing/playwright-suite.ts';

test('100 watchers see each entry of a suite once, though the only API is killed and started again in the middle', async () => {
  builtPackage();
  await using cluster = await testCluster({ bus: 'postgres' });
  const PORT = String(await freePort());
  const api = await cluster.startApi({ PORT });
  await using suite = await playwrightSuite(steeredSuite);
  const running = suite.start([], {
    RUNLIGHT_URL: api.url,
    RUNLIGHT_TOKEN: api.headers.authorization.replace('Bearer ', ''),
  });
  const runId = await eventually(() => runIdIn(running.output.stderr), { withinMs: 60_000 });
  using watchers = startWatchers({ servers: [api], runId, logs: 50, states: 25, cases: 25 });
  await eventually(() => expect(watchers.open()).toBe(100));
  await goOn(suite, 'one');
  // The second case says a great deal at once.
  await eventually(() => expect(watchers.seq()).toBeGreaterThan(20));
  api.kill('SIGKILL');
  await api.exit;
  await goOn(suite, 'two');
  await reached(suite, 'three');
  const again = await cluster.startApi({ PORT });
  await goOn(suite, 'three');
  const { code, stderr } = await running.ended;
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
  const { reconnects } = await expectNothingLost('the only API killed', watchers, cluster.services, runId);
  expect(reconnects).toBeGreaterThanOrEqual(100);
  const run = await reportedRun({ client: createTestClient(again) }, runId);
  expect(run).toMatchObject({ status: 'passed', total: 3, passed: 3 });
  const output = run.events.flatMap((event) => (event.type === 'log' && event.stream === 'stdout' ? event.text : []));
  expect(output.join('').match(/line \d+\n/g)).toEqual(Array.from({ length: 200 }, (_, n) => `line ${n}\n`));
  expect(run.artifacts.map(({ name }) => name)).toContain('notes');
});
