import type { ShardsResult, ShardsRound } from './results.ts';
import { installedSuite, playwrightTest } from './suite-folders.ts';
import type { SuiteSystem } from './suite-system.ts';

/** Of cases in units of time. One file takes as long as twelve others together. */
const longFile = [8, 7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2];
const otherFile = [2, 1.5, 1, 0.5];
const otherFiles = 12;
const total = sum(longFile) + otherFiles * sum(otherFile);

/** Cases wait, so that parts share a machine of few cores as if they had one each. */
const suites = {
  parallel: { unitMs: 1_000, longest: Math.max(...longFile), mode: '' },
  serial: { unitMs: 500, longest: sum(longFile), mode: `test.describe.configure({ mode: 'serial' });\n` },
} as const;

/** Rounds for 2, 4 and 8 parts; few parts take long. */
const sizes = [
  { parts: 2, rounds: 1 },
  { parts: 4, rounds: 2 },
  { parts: 8, rounds: 3 },
];

function suiteFiles({ unitMs, mode }: (typeof suites)[keyof typeof suites]): Record<string, string> {
  const spec = (lengths: readonly number[], head = '') => `import { test } from '@playwright/test';
const unitMs = Number(process.env.UNIT_MS ?? ${unitMs});
${head}for (const [index, units] of ${JSON.stringify(lengths)}.entries())
  test('waits ' + index, () => new Promise((resolve) => setTimeout(resolve, units * unitMs)));
`;
  return {
    'playwright.config.ts': `export default { fullyParallel: true, workers: 1, reporter: 'line' };\n`,
    'a-long.spec.ts': spec(longFile, mode),
    ...Object.fromEntries(Array.from({ length: otherFiles }, (_, n) => [`other-${n}.spec.ts`, spec(otherFile)])),
  };
}

/**
 * By turns: a run in parts, when the durations of its cases are known, and Playwright's own parts, all at once. The ideal is the sum of
 * two times: the one that no division can beat (the longest group of cases that stays together, or an even share), and the start of
 * Playwright (as many parts at once, with cases that do not wait).
 */
export async function measureShards(system: SuiteSystem, progress: (text: string) => void): Promise<ShardsResult[]> {
  const results: ShardsResult[] = [];
  for (const kind of ['parallel', 'serial'] as const) {
    using suite = installedSuite(`bench-${kind}`, suiteFiles(suites[kind]));
    const { suiteId } = await system.push(suite.dir);
    progress(`skewed suite, ${kind}: the first run`);
    // Its cases have no history yet.
    await system.run(suiteId, 8);
    for (const { parts, rounds } of sizes) {
      const { unitMs, longest } = suites[kind];
      const waitMs = Math.max(longest, total / parts) * unitMs;
      const result: ShardsResult = { kind, parts, waitMs, rounds: [] };
      for (let round = 0; round < rounds; round += 1) {
        const { ms: runlightMs } = await system.run(suiteId, parts);
        const playwrightMs = await playwrightShards(suite.dir, parts, {});
        const startMs = await playwrightShards(suite.dir, parts, { UNIT_MS: '0' });
        const measured: ShardsRound = { runlightMs, playwrightMs, startMs };
        result.rounds.push(measured);
        const ideal = waitMs + startMs;
        progress(
          `${kind}, ${parts} parts: ${seconds(runlightMs)} (${(runlightMs / ideal).toFixed(3)} of ${seconds(ideal)}), ` +
            `Playwright's own ${seconds(playwrightMs)}, start ${seconds(startMs)}`,
        );
      }
      results.push(result);
    }
  }
  return results;
}

async function playwrightShards(cwd: string, parts: number, env: Record<string, string>): Promise<number> {
  const shard = (_: unknown, index: number) =>
    playwrightTest(cwd, [`--shard=${index + 1}/${parts}`, `--output=test-results-${index}`], { CI: '1', ...env });
  return Math.max(...(await Promise.all(Array.from({ length: parts }, shard))));
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
