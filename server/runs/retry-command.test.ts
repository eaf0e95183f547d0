import { expect, test } from 'vitest';
import { insertSuite, insertSuiteCases, insertSuiteRun } from '#server/testing/played-suite.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});

async function failedRun(name: string, cases: Parameters<typeof insertSuiteCases>[3], buildId: string | null = null) {
  const suiteId = await insertSuite(app(), name);
  const runId = await insertSuiteRun(app(), { suiteId, name, status: 'failed', branch: 'main', buildId });
  await insertSuiteCases(app(), runId, suiteId, cases);
  return { suiteId, runId };
}
const commandsOf = async (runId: string) => (await app().client.api.runs.retryCommand.query({ runId })).commands;

test('a command for each Playwright project runs what failed, by file and line, and nothing else; each case has its own', async () => {
  const { runId } = await failedRun('Shop', [
    { project: 'chromium', file: 'cart.spec.ts', line: 12, title: 'adds', status: 'failed' },
    { project: 'chromium', file: 'cart.spec.ts', line: 12, title: 'adds two', status: 'timed_out' },
    { project: 'chromium', file: 'pay.spec.ts', line: 4, title: 'pays', status: 'interrupted' },
    { project: 'chromium', file: 'menu.spec.ts', line: 4, title: 'opens', status: 'passed' },
    { project: 'Mobile Safari', file: 'pay.spec.ts', line: 4, title: 'pays', status: 'failed' },
  ]);
  expect(await commandsOf(runId)).toEqual([
    { project: 'Mobile Safari', command: "npx playwright test pay.spec.ts:4 '--project=Mobile Safari'" },
    { project: 'chromium', command: 'npx playwright test cart.spec.ts:12 pay.spec.ts:4 --project=chromium' },
  ]);
  expect(await app().client.api.runs.case.query({ runId, index: 4 })).toMatchObject({
    command: "npx playwright test pay.spec.ts:4 '--project=Mobile Safari'",
  });
});

test('names of files are quoted for the shell and for Playwright, which takes them as regular expressions', async () => {
  const { runId } = await failedRun('Odd names', [
    { file: "app/[id]/it's (new).spec.ts", line: 3, title: 'opens', status: 'failed' },
    { file: 'no-line.spec.ts', line: null, title: 'opens', status: 'failed' },
  ]);
  expect(await commandsOf(runId)).toEqual([
    {
      project: null,
      command: String.raw`npx playwright test 'app/\[id\]/it'\''s \(new\).spec.ts:3' no-line.spec.ts`,
    },
  ]);
});

test('many failures are named by their files, very many not at all, and a run without one runs whole', async () => {
  const failures = (files: number) =>
    Array.from({ length: 60 }, (_, n) => ({
      file: `${n % files}.spec.ts`,
      line: n + 1,
      title: `case ${n}`,
      status: 'failed' as const,
    }));
  const few = await failedRun('Few files', failures(2));
  expect(await commandsOf(few.runId)).toEqual([{ project: null, command: 'npx playwright test 0.spec.ts 1.spec.ts' }]);
  const many = await failedRun('Many files', failures(60));
  expect(await commandsOf(many.runId)).toEqual([{ project: null, command: 'npx playwright test' }]);
  const { runId } = await failedRun('Steady', [{ file: 'a.spec.ts', line: 1, title: 'a', status: 'passed' }]);
  expect(await app().client.api.runs.retryCommand.query({ runId })).toEqual({
    commands: [{ project: null, command: 'npx playwright test' }],
    cases: 0,
  });
});

test('a run names the other runs of its build', async () => {
  const { suiteId, runId } = await failedRun('Twice', [], 'build 7');
  const again = await insertSuiteRun(app(), {
    suiteId,
    name: 'Twice',
    status: 'passed',
    branch: 'main',
    buildId: 'build 7',
  });
  await insertSuiteRun(app(), { suiteId, name: 'Twice', status: 'passed', branch: 'main', buildId: 'build 8' });
  const { build } = await app().client.api.runs.byId.query({ runId });
  expect(build).toMatchObject({
    provider: 'github',
    attempts: [
      { runId, status: 'failed' },
      { runId: again, status: 'passed' },
    ],
  });
});
