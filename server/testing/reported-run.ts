import { expect } from 'vitest';
import { isTerminal } from '#shared/run-status.ts';
import { eventually } from './eventually.ts';
import type { TestSystem } from './resources.ts';

/** The id of the run in the first address that the reporter prints. */
export function runIdIn(stderr: string): string {
  const [, runId] = /^Runlight: http\S+\/runs\/([0-9a-f-]{36})$/m.exec(stderr) ?? [];
  if (runId === undefined) throw new Error(`The reporter prints no address: ${JSON.stringify(stderr)}`);
  return runId;
}

/** Output of Playwright itself. */
export function withoutRunlight(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !line.startsWith('Runlight'))
    .join('\n');
}

/** Output of Playwright without durations. */
export function withoutTimes(stdout: string): string {
  return stdout.replaceAll(/\(\d+(\.\d+)?(ms|s|m)\)/g, '(time)');
}

/** A reported run that is over, with its cases, log and files. The log has no gaps, and nothing twice. */
export async function reportedRun({ client }: Pick<TestSystem, 'client'>, runId: string) {
  const { api } = client;
  const run = await eventually(async () => {
    const found = await api.runs.byId.query({ runId });
    expect(isTerminal(found.status)).toBe(true);
    return found;
  });
  const cases = [];
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof api.runs.cases.query>> = await api.runs.cases.query({ runId, cursor });
    cases.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  const log = client.stream((api) => api.runs.onEvents, { runId });
  await log.ended;
  expect(log.data.map(({ seq }) => seq)).toEqual(log.data.map((_, index) => index + 1));
  /** The last state of each case, by its index. */
  const states = new Map(log.data.flatMap((event) => (event.type === 'case' ? [[event.index, event] as const] : [])));
  return { ...run, cases: cases.map((it) => ({ ...it, state: states.get(it.index) })), events: log.data };
}
