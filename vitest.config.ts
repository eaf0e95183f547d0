import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { playwrightApi } from './scripts/playwright-api.ts';
import { scriptTypes } from './scripts/script-types.ts';

/** It replaces a module of Node, which no other file may see. */
const ofWindows = 'sdk/reporter/windows-paths.test.ts';
const attacks = ['attacks', 'attacks-in-suites'].map((name) => `server/execution/${name}.test.ts`);

/** What runs Playwright, or waits until servers are gone, takes longest: it begins first, so that no processor waits for it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/(server\/(execution|main|redis|db|live)|sdk\/reporter)/.test(moduleId);
    return (await super.sort(files)).toSorted((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}

export default defineConfig({
  plugins: [playwrightApi(), scriptTypes()],
  // What the `runlight-source` condition of package.json's `imports` says, which vitest does not ask for everywhere.
  resolve: { alias: [{ find: /^#(server|shared|client|sdk)\//, replacement: `${import.meta.dirname}/$1/` }] },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          globalSetup: ['server/testing/compile-server.ts'],
          include: [
            '*.test.ts',
            'server/**/*.test.ts',
            'shared/**/*.test.ts',
            'client/**/*.test.ts',
            'sdk/**/*.test.ts',
            'docs/**/*.test.ts',
          ],
          exclude: [...attacks, ofWindows],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'windows', include: [ofWindows], isolate: true, sequence: { groupOrder: 0 } } },
      // Fork bombs and the like take the whole machine: they come when nothing else is under test.
      { extends: true, test: { name: 'attacks', include: attacks, sequence: { groupOrder: 1 } } },
    ],
    globalSetup: ['server/testing/global-setup.ts'],
    // Every file starts real servers and real browsers, and waits for them half of its time: more at once than twice the cores.
    maxWorkers: 5,
    // A process takes file after file: to load the server anew for each takes a fifth of all processor time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    retry: 0,
    // Of a test that hangs. A busy machine, or a slow one, makes tests slower and fails none.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
