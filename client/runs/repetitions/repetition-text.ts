import type { Outputs } from '#client/query/trpc.ts';
import { isTerminal } from '#shared/run-status.ts';
import { nothingRanText } from '#shared/verdict-text.ts';

type Repetitions = NonNullable<Outputs['cases']['repetitions']['newest']>;

/** Whether a case is flaky, as far as its repetitions say: `10 times: 9 passed, 1 failed: flaky`. */
export function repetitionText(
  repetitions: Pick<Repetitions, 'status' | 'errorCode' | 'times' | 'passed' | 'failed' | 'skipped'>,
): string {
  const { status, times, passed, failed, skipped } = repetitions;
  const done = passed + failed + skipped;
  const isLive = !isTerminal(status);
  if (!isLive && done === 0) return nothingRanText(repetitions);
  if (passed === times) return `${times} times: always passes`;
  if (failed === times) return `${times} times: always fails`;
  const counts = [
    passed > 0 && `${passed} passed`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
    !isLive && done < times && `${times - done} not run`,
  ].filter(Boolean);
  const so = isLive && done < times ? `${done} of ${times} times` : `${times} times`;
  const flaky = passed > 0 && failed > 0 ? ': flaky' : '';
  return counts.length === 0 ? `${so} so far` : `${so}: ${counts.join(', ')}${flaky}`;
}
