import { beforeAll, expect, test } from 'vitest';
import { version } from '#server/config/installation.ts';
import { builtPackage } from '#server/testing/built-package.ts';
import { reportedRun, runIdIn } from '#server/testing/reported-run.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { goOn, steeredSuite } from '#server/testing/steered-suite.ts';
import { type Difference, otherVersion } from './testing/other-version.ts';
import { playwrightSuite } from './testing/playwright-suite.ts';

const app = useTestApp({});
beforeAll(() => void builtPackage());

/** Reports to a Runlight of another version. Resolves to the lines of the reporter after the address of the run, and to the run. */
async function reportTo(difference: Difference) {
  using server = await otherVersion(app().url, difference);
  await using suite = await playwrightSuite(steeredSuite);
  await goOn(suite, 'one', 'two', 'three');
  const { code, stderr } = await suite.run([], { RUNLIGHT_URL: server.url, RUNLIGHT_TOKEN: app().token });
  expect(code).toBe(0);
  const run = await reportedRun(app(), runIdIn(stderr));
  expect(run).toMatchObject({ status: 'passed', total: 3, passed: 3 });
  const [, ...lines] = stderr.trim().split('\n');
  return { lines, run, url: server.url };
}

test('a newer Runlight is reported to, whatever it says more', async () => {
  const { lines, run } = await reportTo({ answers: (_, data) => ({ ...data, version: '9.9.0', news: { of: [1] } }) });
  expect(lines).toEqual([]);
  expect(run.artifacts.map(({ name }) => name)).toContain('notes');
});

test('an older Runlight gets what it knows, and one line says what it does not, and which reporter it has', async () => {
  const { lines, run, url } = await reportTo({
    refuses: (procedure, { entries = [] }) =>
      procedure === 'reports.onCommands' || entries.some(({ type }) => type === 'artifact') ? 'Unknown' : undefined,
    answers: (procedure, data) => (procedure === 'reports.begin' ? { ...data, version: undefined } : data),
  });
  expect(lines).toEqual([
    `Runlight: not delivered: 1 entry that Runlight refuses of this reporter (${version}; that of this Runlight: npm install -D ${url}/runlight.tgz).`,
  ]);
  expect(run.artifacts).toEqual([]);
  expect(run.events.filter(({ type }) => type === 'step').length).toBeGreaterThanOrEqual(400);
});

test('a Runlight that takes nothing any more is not asked again and again, and a line says what to do', async () => {
  let refused = 0;
  using server = await otherVersion(app().url, {
    refuses(procedure, { entries = [] }) {
      if (procedure !== 'reports.append' || entries.some(({ type }) => type === 'cases')) return undefined;
      refused += 1;
      return 'Unknown';
    },
  });
  await using suite = await playwrightSuite(steeredSuite);
  await goOn(suite, 'one', 'two', 'three');
  const { code, stderr } = await suite.run([], { RUNLIGHT_URL: server.url, RUNLIGHT_TOKEN: app().token });
  expect(code).toBe(0);
  const [, ...lines] = stderr.trim().split('\n');
  expect(lines).toEqual([
    `Runlight: the report ends here: Runlight at ${server.url} does not understand this reporter (${version}): Unknown. Install the package of that Runlight: npm install -D ${server.url}/runlight.tgz The tests go on.`,
  ]);
  // Halves of a batch, the entry, and what stands in for it.
  expect(refused).toBeLessThan(20);
});
