import type { AuditFixture } from './audit-fixture.ts';
import type { Change } from './mutation-changes.ts';

const unknownId = '018f0000-0000-7000-8000-000000000000';

/** Changes of the badges that show how something does. */
export function createBadgeChanges({
  ada,
  createTest,
  createJob,
}: AuditFixture): Record<string, () => Promise<Change>> {
  return {
    'badges.create': async () => {
      const { id: testId } = await createTest('Shown');
      return {
        input: { testId },
        event: { action: 'badge.created', targetKind: 'test', targetId: testId, targetName: 'Shown', details: {} },
        unlessRepeated: true,
        refused: { testId: unknownId },
      };
    },
    'badges.revoke': async () => {
      const { id: jobId } = await createJob('Shown');
      const { id: badgeId } = await ada.api.badges.create.mutate({ jobId, branch: 'main' });
      return {
        input: { badgeId },
        event: {
          action: 'badge.revoked',
          targetKind: 'job',
          targetId: jobId,
          targetName: 'Shown',
          details: { branch: 'main' },
        },
        unlessRepeated: true,
        refused: { badgeId: unknownId },
      };
    },
  };
}
