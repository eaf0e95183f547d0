import { cp } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '#server/testing/built-package.ts';
import { reportedRun, runIdIn } from '#server/testing/reported-run.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { playwrightSuite } from './testing/playwright-suite.ts';

const app = useTestApp({});
beforeAll(() => void builtPackage());

const files = {
  'package.json': JSON.stringify({ name: 'merged', private: true }),
  'playwright.config.ts': `export default {
  workers: 1,
  fullyParallel: true,
  reporter: [['blob', { outputDir: process.env.BLOB }], ['runlight/reporter']],
};
`,
  'merged.spec.ts': `import { test, expect } from '@playwright/test';
test('passes', async ({}, info) => {
  await test.step('a step', () => console.log('printed'));
  await info.attach('notes', { body: 'kept', contentType: 'text/plain' });
});
test('fails', () => expect(1).toBe(2));
`,
};

test.each(['1.42', '1.65'] as const)(
  'with Playwright %s, reports of shards that are merged afterwards are a run, unless the shards were reported',
  async (version) => {
    await using suite = await playwrightSuite(files, version);
    const of = (build: string) => ({
      RUNLIGHT_URL: app().url,
      RUNLIGHT_TOKEN: app().token,
      RUNLIGHT_BUILD_ID: `${build} ${version}`,
    });
    const [first] = await Promise.all(
      [1, 2].map(async (shard) => {
        const env = { ...of('live'), BLOB: `blob-${shard}` };
        return suite.run([`--shard=${shard}/2`, `--output=results-${shard}`], env);
      }),
    );
    for (const shard of [1, 2])
      await cp(path.join(suite.dir, `blob-${shard}`), path.join(suite.dir, 'all'), { recursive: true });
    const merge = (build: string) => suite.mergeReports(['--reporter=list,runlight/reporter', 'all'], of(build));
    expect((await merge('live')).stderr).toBe(
      `Runlight: not reported: The shards of this build were reported as they ran, so the merged report adds nothing: leave the reporter out of either. ${app().url}/runs/${runIdIn(first!.stderr)}\n`,
    );

    const { stdout, stderr } = await merge('merged');
    expect(stdout).toContain('1 failed');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    const run = await reportedRun(app(), runIdIn(stderr));
    expect(run).toMatchObject({ name: 'merged', status: 'failed', total: 2, passed: 1, failed: 1 });
    expect(run.cases.map(({ title, file, status }) => [title, file, status])).toEqual([
      ['passes', 'merged.spec.ts', 'passed'],
      ['fails', 'merged.spec.ts', 'failed'],
    ]);
    expect(run.events).toContainEqual(expect.objectContaining({ type: 'step', title: 'a step', status: 'passed' }));
    expect(run.events).toContainEqual(expect.objectContaining({ type: 'log', text: 'printed\n' }));
    expect(run.artifacts).toContainEqual(expect.objectContaining({ name: 'notes', bytes: 4 }));
  },
);
