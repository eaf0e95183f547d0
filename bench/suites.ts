import { createCloseStack } from '#server/lib/close-stack.ts';
import { smallSuite, suiteFolder } from '#server/testing/suite-folder.ts';
import type { Environment } from './environment.ts';
import type { PushResult, SuiteResults } from './results.ts';
import { commitAll } from './suite-folders.ts';
import { measureShards } from './suite-shards.ts';
import { openSuiteSystem, type SuiteSystem } from './suite-system.ts';
import { measureSuiteWallTime } from './suite-wall-time.ts';

const pushedFiles = 2_000;

/** Suites of teams on workers: pushing one, installing it, running it as a whole and in parts. */
export async function measureSuites(environment: Environment, progress: (text: string) => void): Promise<SuiteResults> {
  await using stack = createCloseStack(() => {});
  const system = await openSuiteSystem(environment, stack);
  progress('a suite on a worker, and npx playwright test');
  const { wallTime, install } = await measureSuiteWallTime(system, 3, progress);
  progress(`pushing ${pushedFiles.toLocaleString('en')} files`);
  const push = await measurePush(system, 7);
  const shards = await measureShards(system, progress);
  return { wallTime, install, push, shards };
}

/** The first time sends everything; what comes after that finds that Runlight has it. */
async function measurePush(system: SuiteSystem, rounds: number): Promise<PushResult> {
  const files = Array.from({ length: pushedFiles - Object.keys(smallSuite).length }, (_, n) => {
    const text = `import { test } from '@playwright/test';\ntest('case ${n}', async ({ page }) => {\n`;
    return [
      `e2e/area-${n % 40}/case-${n}.spec.ts`,
      `${text}${`  await page.getByText('${n}').click();\n`.repeat(80)}});\n`,
    ];
  });
  using suite = suiteFolder({ ...smallSuite, 'package.json': '{"name":"bench-push"}', ...Object.fromEntries(files) });
  commitAll(suite);
  const first = await system.push(suite.dir);
  const unchangedMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { ms, sentBytes } = await system.push(suite.dir);
    if (sentBytes > 0) throw new Error('an unchanged suite was sent again');
    unchangedMs.push(ms);
  }
  return { files: pushedFiles, firstMs: first.ms, unchangedMs };
}
