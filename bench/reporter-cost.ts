import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { playwrightSuite, type PlaywrightSuite } from '#sdk/reporter/testing/playwright-suite.ts';
import { startRunlight } from '#server/testing/process.ts';
import type { ReporterCost, ReporterSide } from './results.ts';

const root = path.dirname(import.meta.dirname);

/** 200 short cases with steps and output, as suites of units have them; and 20 of 2 s, as suites of pages do. */
const cases = {
  short: `for (let n = 0; n < 200; n += 1)
  test('short ' + n, async () => {
    for (let step = 0; step < 5; step += 1) await test.step('step ' + step, () => console.log('output', n, step));
    expect(n).toBe(n);
    await new Promise((resolve) => setTimeout(resolve, 20));
  });`,
  long: `for (let n = 0; n < 20; n += 1)
  test('long ' + n, async () => {
    for (let step = 0; step < 10; step += 1)
      await test.step('step ' + step, () => new Promise((resolve) => setTimeout(resolve, 200)));
  });`,
} as const;

/** Loaded by each process of Playwright: writes its highest resident memory when it ends. */
const measure = `process.on('exit', () =>
  require('fs').writeFileSync(require('path').join(process.env.MEASURED, String(process.pid)), String(process.resourceUsage().maxRSS)));`;

/** By turns: \`npx playwright test\` with the reporter and without it, of both suites. */
export async function measureReporter(rounds: number, progress: (text: string) => void): Promise<ReporterCost> {
  const built = spawnSync(process.execPath, ['scripts/build-package.js'], { cwd: root, stdio: 'ignore' });
  if (built.status !== 0) throw new Error('the package does not build: run scripts/build-package.js');
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
  try {
    const dataDir = path.join(dir, 'data');
    await mkdir(dataDir);
    await using runlight = await startRunlight({ DATA_DIR: dataDir });
    const access = { RUNLIGHT_URL: runlight.url, RUNLIGHT_TOKEN: runlight.headers.authorization.split(' ')[1]! };
    const result: ReporterCost = { short: [], long: [] };
    for (const name of ['short', 'long'] as const) {
      await using suite = await playwrightSuite({
        'package.json': JSON.stringify({ name: `bench-${name}`, private: true }),
        'playwright.config.ts': `export default { workers: 1, reporter: [['list'], ['json', { outputFile: 'results.json' }]] };`,
        'measure.cjs': measure,
        'cases.spec.ts': `import { expect, test } from '@playwright/test';\n${cases[name]}\n`,
      });
      // What the system keeps in memory.
      await play(suite, ['--add-reporter=runlight/reporter'], access);
      for (let round = 0; round < rounds; round += 1) {
        const isOdd = round % 2 === 1;
        const first = isOdd ? await play(suite, [], {}) : undefined;
        const reported = await play(suite, ['--add-reporter=runlight/reporter'], access);
        const plain = first ?? (await play(suite, [], {}));
        result[name].push({ plain, reported });
        progress(
          `${name} cases ${round + 1}/${rounds}: ${(reported.ms / plain.ms).toFixed(3)} of the time, ` +
            `${((reported.residentBytes - plain.residentBytes) / 1e6).toFixed(1)} MB more`,
        );
      }
    }
    return result;
  } finally {
    // Its Postgres notices a moment later that Runlight was killed.
    await rm(dir, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function play(suite: PlaywrightSuite, args: string[], access: Record<string, string>): Promise<ReporterSide> {
  const measured = path.join(suite.dir, 'measured');
  await rm(measured, { recursive: true, force: true });
  await mkdir(measured);
  await writeFile(path.join(suite.dir, 'results.json'), '');
  const startedAt = performance.now();
  const { child, ended } = suite.start(args, {
    ...access,
    MEASURED: measured,
    NODE_OPTIONS: `--require=${path.join(suite.dir, 'measure.cjs')}`,
  });
  const { code, stderr } = await ended;
  const ms = performance.now() - startedAt;
  if (code !== 0) throw new Error(`\`playwright test\` ended with ${code}: ${stderr}`);
  const isReported = args.length > 0;
  if (stderr.includes('/runs/') !== isReported || /not (delivered|reported)/.test(stderr))
    throw new Error(`the report is not as it should be: ${stderr}`);
  const kib = Number(await readFile(path.join(measured, String(child.pid)), 'utf8'));
  return { ms, residentBytes: kib * 1024 };
}
