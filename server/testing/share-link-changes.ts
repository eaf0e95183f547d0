import { expect } from 'vitest';
import type { AuditFixture } from './audit-fixture.ts';
import type { Change } from './mutation-changes.ts';

const unknownId = '018f0000-0000-7000-8000-000000000000';

/** Changes of the links that share a run. */
export function createShareLinkChanges({ ada, startRun }: AuditFixture): Record<string, () => Promise<Change>> {
  return {
    'shareLinks.create': async () => {
      const { runId } = await startRun('Shared');
      return {
        input: { runId, expiresInDays: 30 },
        event: {
          action: 'share_link.created',
          targetKind: 'run',
          targetId: runId,
          targetName: 'Shared',
          details: { expiresAt: expect.any(String) },
        },
        refused: { runId: unknownId },
      };
    },
    'shareLinks.revoke': async () => {
      const { runId } = await startRun('Shared');
      const { id: linkId } = await ada.api.shareLinks.create.mutate({ runId });
      return {
        input: { linkId },
        event: { action: 'share_link.revoked', targetKind: 'run', targetId: runId, targetName: 'Shared' },
        unlessRepeated: true,
        refused: { linkId: unknownId },
      };
    },
  };
}
