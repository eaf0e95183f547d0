import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultLimits } from '#server/config/run-limits.ts';
import { excess } from '#server/execution/sandbox/excess.ts';
import { decideOutcome, type RunFacts } from './run-outcome.ts';

const passed: RunFacts = {
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
  withoutBrowser: new Set(),
  refusals: new Map(),
  limits: defaultLimits,
  reported: 'passed',
  exit: { code: 0, signal: null },
  lastOutput: '',
};

const error = { message: 'no', snippet: null };
const blemishes: { [K in keyof RunFacts]?: fc.Arbitrary<RunFacts[K]> } = {
  stopped: fc.constantFrom<RunFacts['stopped']>('cancelled', 'timed_out', 'shutdown', excess.memory(defaultLimits)),
  tests: fc
    .constantFrom('pending', 'running', 'failed', 'timed_out', 'interrupted')
    .map((status) => [passed.tests[0]!, { ...passed.tests[1]!, status }]),
  cases: fc.constantFrom(undefined, [0, 1], [1, 0]),
  faults: fc.constantFrom([{ position: 1, error }], [{ position: null, error }]),
  crashes: fc.constantFrom(
    [{ position: 0, code: 0, signal: null }],
    [{ position: null, code: null, signal: 'SIGABRT' }],
  ),
  reported: fc.constantFrom(undefined, 'failed', 'interrupted', 'timedout'),
  exit: fc.constantFrom({ code: 1, signal: null }, { code: null, signal: 'SIGKILL' }),
};

it('is "passed" if every fact says so', () => {
  expect(decideOutcome(passed)).toEqual({ status: 'passed', errorCode: null, errorDetails: null });
});

it('is never "passed" if any fact contradicts it', () => {
  const someBlemishes = fc.record(blemishes, { requiredKeys: [] }).filter((blemish) => Object.keys(blemish).length > 0);
  fc.assert(
    fc.property(someBlemishes, (blemish) => {
      const outcome = decideOutcome({ ...passed, ...blemish } as RunFacts);
      expect(outcome.status).not.toBe('passed');
      if (outcome.status === 'error')
        expect(outcome).toMatchObject({ errorCode: expect.any(String), errorDetails: expect.any(String) });
    }),
  );
});

it("quotes the end of Playwright's output if Playwright reported no status", () => {
  const outcome = decideOutcome({
    ...passed,
    reported: undefined,
    exit: { code: 3, signal: null },
    lastOutput: 'spawn bwrap ENOENT',
  });
  expect(outcome).toEqual({
    status: 'error',
    errorCode: 'runner_crashed',
    errorDetails: 'Playwright ended without a verdict (exit code 3).\nspawn bwrap ENOENT',
  });
});
