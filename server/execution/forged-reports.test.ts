import { expect, it } from 'vitest';
import { executeScripts, script } from '#server/testing/execute-scripts.ts';
import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';

const sandbox = bubblewrap();

it('titles and attachments may be values of any type', async () => {
  const odd = script(`
    test('odd', async ({}, info) => {
      await test.step(7 as any, async () => {});
      info.attachments.push({ name: { a: 1 }, path: info.outputPath('f'), contentType: { b: 1 } } as any);
    });`);
  await using run = await executeScripts({ Odd: odd }, { sandbox });
  expect(run.outcome).toMatchObject({ status: 'passed' });
  expect(run.events).toContainEqual(expect.objectContaining({ type: 'step', title: '7', status: 'passed' }));
});

it('forged messages of a script can only end its own run', async () => {
  const forged = script(`
    test('forges', ({}, info) => {
      for (const params of [{ title: { a: 1 }, category: { c: 1 } }, { title: null }, null, 7])
        process.send!({ method: 'stepBegin', params: params && { testId: info.testId, stepId: 'z', wallTime: 1, ...(params as any) } });
    });`);
  await using run = await executeScripts({ Forged: forged }, { sandbox });
  expect(['passed', 'failed', 'error']).toContain(run.outcome.status);
});

it('a name may contain the patterns of String.replace', async () => {
  const name = "costs $& and $1 $$ $'";
  const throws = script(`test('throws', () => {
    throw new Error('in ' + __filename + ' ' + '000-costs.spec.ts '.repeat(10_000));
  });`);
  await using run = await executeScripts({ [name]: throws }, { sandbox });
  expect(run.outcome.status).toBe('failed');
  expect(run.outcome.errorDetails).toContain(`in ${name} `);
});

it('a test that was expected to fail but passed has an error', async () => {
  await using run = await executeScripts({ Lucky: script(`test('lucky', () => test.fail());`) }, { sandbox });
  expect(run.outcome).toMatchObject({ status: 'failed', errorDetails: '"lucky" was expected to fail, but passed.' });
});
