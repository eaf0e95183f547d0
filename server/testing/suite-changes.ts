import { randomUUID } from 'node:crypto';
import type { AuditFixture } from './audit-fixture.ts';
import type { Change } from './mutation-changes.ts';
import { bundleSaying, playPush, pushInput, sendBundle } from './played-bundle.ts';

const unknownId = '018f0000-0000-7000-8000-000000000000';

/** Changes of suites and their bundles. */
export function createSuiteChanges({ app, ada, newSuite }: AuditFixture): Record<string, () => Promise<Change>> {
  const of = { url: app.url, headers: ada.headers };
  const push = (suite: string) => playPush({ ...of, client: ada }, { suite, text: randomUUID() });
  return {
    'suites.archive': async () => {
      const { suiteId, name } = await newSuite();
      return {
        input: { suiteId },
        event: { action: 'suite.archived', targetKind: 'suite', targetId: suiteId, targetName: name },
        unlessRepeated: true,
        refused: { suiteId: unknownId },
      };
    },
    'suites.restore': async () => {
      const { suiteId, name } = await newSuite();
      await ada.api.suites.archive.mutate({ suiteId });
      return {
        input: { suiteId },
        event: { action: 'suite.restored', targetKind: 'suite', targetId: suiteId, targetName: name },
        unlessRepeated: true,
        refused: { suiteId: unknownId },
      };
    },
    'suites.push': async () => {
      const archive = await bundleSaying(randomUUID());
      await sendBundle(of, archive);
      const details = { bundle: archive.hash.slice(0, 12) };
      return {
        input: pushInput(archive.hash, { suite: 'Pushed' }),
        event: { action: 'bundle.pushed', targetKind: 'suite', targetName: 'Pushed', details },
        unlessRepeated: true,
        refused: pushInput('0'.repeat(64)),
      };
    },
    'suites.create': async () => {
      const name = `Added ${randomUUID()}`;
      const git = { url: 'https://git.example.com/shop.git', branch: 'main' };
      return {
        input: { name, git },
        event: {
          action: 'suite.created',
          targetKind: 'suite',
          targetName: name,
          details: { changes: { git: { from: null, to: 'https://git.example.com/shop.git (main)' } } },
        },
        refused: { name, git: { ...git, url: 'shop.git' } },
      };
    },
    'suites.setGit': async () => {
      const name = `In git ${randomUUID()}`;
      const { suiteId } = await push(name);
      const git = { url: 'https://git.example.com/shop.git', branch: 'main', path: 'e2e', tokenVariable: null };
      const changes = { git: { from: null, to: 'https://git.example.com/shop.git (main, e2e)' } };
      return {
        input: { suiteId, git },
        event: { action: 'suite.git_changed', targetKind: 'suite', targetName: name, details: { changes } },
        unlessRepeated: true,
        refused: { suiteId: unknownId, git },
      };
    },
    'suites.setBaseBranch': async () => {
      const { suiteId, name } = await newSuite();
      const changes = { baseBranch: { from: null, to: 'develop' } };
      return {
        input: { suiteId, branch: 'develop' },
        event: { action: 'suite.base_branch_changed', targetKind: 'suite', targetName: name, details: { changes } },
        unlessRepeated: true,
        refused: { suiteId: unknownId, branch: 'develop' },
      };
    },
    'suites.deleteBundle': async () => {
      const { suiteId, bundleId } = await push('Deleted');
      return {
        input: { bundleId },
        event: { action: 'bundle.deleted', targetKind: 'suite', targetId: suiteId, targetName: 'Deleted' },
        unlessRepeated: true,
        refused: { bundleId: unknownId },
      };
    },
    'suites.run': async () => {
      const { suiteId } = await push('Run here');
      return {
        input: { suiteId, shards: 2, idempotencyKey: 'build-3' },
        event: { action: 'run.started', targetKind: 'run', targetName: 'Run here' },
        unlessRepeated: true,
        refused: { suiteId: unknownId },
      };
    },
  };
}
