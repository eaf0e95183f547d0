import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultLimits } from '#server/config/run-limits.ts';
import { excess } from '#server/execution/sandbox/run-limits.ts';
import { type Evidence, judge } from './run-outcome.ts';

const passed: Evidence = {
  stopped: undefined,
  timeoutMs: 1_000,
  names: ['First', 'Second'],
  tests: [
    { position: 0, status: 'passed', flaky: false, durationMs: 1, error: null },
    { position: 1, status: 'skipped', flaky: false, durationMs: 1, error: null },
  ],
  cases: [1, 1],
  leftOut: [],
  faults: [],
  crashes: [],
  limits: defaultLimits,
  reported: 'passed',
  exit: { code: 0, signal: null },
  lastWords: '',
};

const error = { message: 'no', snippet: null };
const blemishes: { [K in keyof Evidence]?: fc.Arbitrary<Evidence[K]> } = {
  stopped: fc.constantFrom<Evidence['stopped']>('cancelled', 'timed_out', 'shutdown', excess.memory(defaultLimits)),
  tests: fc
    .constantFrom('pending', 'running', 'failed', 'timed_out', 'interrupted')
    .map((status) => [passed.tests[0]!, { ...passed.tests[1]!, status }]),
  cases: fc.constantFrom(undefined, [0, 1], [1, 0]),
  faults: fc.constantFrom([{ position: 1, error }], [{ position: null, error }]),
  crashes: fc.constantFrom([{ position: 0, how: 'code=0' }], [{ position: -1, how: 'signal=SIGABRT' }]),
  reported: fc.constantFrom(undefined, 'failed', 'interrupted', 'timedout'),
  exit: fc.constantFrom({ code: 1, signal: null }, { code: null, signal: 'SIGKILL' }),
};

it('is "passed" if everything says so', () => {
  expect(judge(passed)).toEqual({ status: 'passed', errorCode: null, errorDetails: null });
});

it('is never "passed" as soon as anything at all speaks against it', () => {
  const evidence = fc.record(blemishes, { requiredKeys: [] }).filter((blemish) => Object.keys(blemish).length > 0);
  fc.assert(
    fc.property(evidence, (blemish) => {
      const verdict = judge({ ...passed, ...blemish } as Evidence);
      expect(verdict.status).not.toBe('passed');
      if (verdict.status === 'error')
        expect(verdict).toMatchObject({ errorCode: expect.any(String), errorDetails: expect.any(String) });
    }),
  );
});

it('quotes what Playwright said last when that gave no verdict', () => {
  const verdict = judge({
    ...passed,
    reported: undefined,
    exit: { code: 3, signal: null },
    lastWords: 'spawn bwrap ENOENT',
  });
  expect(verdict).toEqual({
    status: 'error',
    errorCode: 'runner_crashed',
    errorDetails: 'Playwright ended without a verdict (exit code 3).\nspawn bwrap ENOENT',
  });
});
