import { expect } from 'vitest';
import type { AuditFixture } from './audit-fixture.ts';
import { createTestClient } from './client.ts';
import type { Change } from './mutation-changes.ts';
import { testUser } from './users.ts';

const unknownId = '018f0000-0000-7000-8000-000000000000';

/** The changes of `createMutationChanges` to sessions, members and keys. */
export function createMemberChanges({ app, ada, newMember }: AuditFixture): Record<string, () => Promise<Change>> {
  let signIns = 0;
  return {
    'account.revokeSession': async () => {
      await testUser(app, { email: 'ada@example.com', name: 'Ada', signIn: true, address: `10.8.0.${++signIns}` });
      const { items } = await ada.api.account.sessions.query();
      const { id: sessionId } = items.find(({ isThisOne }) => !isThisOne)!;
      const { projects } = await ada.api.account.me.query();
      return {
        input: { sessionId },
        events: new Set(projects.map(({ organizationId }) => organizationId)).size,
        event: { action: 'session.revoked', targetId: sessionId, projectId: null },
        unlessRepeated: true,
        refused: { sessionId: 'none' },
      };
    },
    'members.setRole': async () => {
      const { userId, name } = await newMember();
      return {
        input: { userId, role: 'editor' },
        event: {
          action: 'member.role_changed',
          targetId: userId,
          targetName: name,
          projectId: null,
          details: { changes: { role: { from: 'viewer', to: 'editor' } } },
        },
        unlessRepeated: true,
        refused: { userId: (await ada.api.account.me.query()).id, role: 'viewer' },
      };
    },
    'members.setProjectRole': async () => {
      const { userId, name } = await newMember();
      return {
        input: { userId, role: 'editor' },
        event: {
          action: 'member.project_role_changed',
          targetId: userId,
          targetName: name,
          projectId: app.projectId,
          details: { changes: { role: { from: null, to: 'editor' } } },
        },
        unlessRepeated: true,
        refused: { userId: unknownId, role: 'viewer' },
      };
    },
    'members.removeFromProject': async () => {
      const { userId, name } = await newMember();
      await ada.api.members.setProjectRole.mutate({ userId, role: 'editor' });
      return {
        input: { userId },
        event: {
          action: 'member.project_role_withdrawn',
          targetName: name,
          projectId: app.projectId,
          details: { changes: { role: { from: 'editor', to: null } } },
        },
        unlessRepeated: true,
        refused: { userId: unknownId },
      };
    },
    'members.remove': async () => {
      const { userId, name } = await newMember();
      return {
        input: { userId },
        event: { action: 'member.removed', targetId: userId, targetName: name, projectId: null },
        unlessRepeated: true,
        refused: { userId: (await ada.api.account.me.query()).id },
      };
    },
    'members.leave': async () => {
      const { organizationId, projectId } = await ada.api.organizations.create.mutate({ name: 'Left behind' });
      const owner = await newMember();
      const inIt = createTestClient({ url: app.url, headers: { ...ada.headers, 'x-runlight-project': projectId } });
      const { path } = await inIt.api.members.invite.mutate({ email: owner.email, role: 'owner' });
      const accept = `${app.url}${path.replace('/join/', '/api/invitations/')}/accept`;
      expect((await fetch(accept, { method: 'POST', headers: owner.headers })).status).toBe(204);
      return {
        input: { organizationId },
        event: { action: 'member.left', targetName: 'Ada', organizationId, projectId: null },
        unlessRepeated: true,
        refused: { organizationId: unknownId },
      };
    },
    'members.resetLink': async () => {
      const { userId, name } = await newMember();
      return {
        input: { userId },
        event: { action: 'member.reset_link_created', targetId: userId, targetName: name, projectId: null },
        refused: { userId: unknownId },
      };
    },
    'members.invite': async () => ({
      input: { email: 'bob@example.com', role: 'viewer' },
      event: {
        action: 'invitation.created',
        targetName: 'bob@example.com',
        projectId: null,
        details: { role: 'viewer' },
      },
      refused: { email: 'ada@example.com', role: 'viewer' },
    }),
    'members.inviteToProject': async () => ({
      input: { email: 'bob@example.com', role: 'viewer' },
      event: { action: 'invitation.created', targetName: 'bob@example.com', projectId: app.projectId },
      refused: { email: 'ada@example.com', role: 'viewer' },
    }),
    'members.withdraw': async () => {
      const { id: invitationId } = await ada.api.members.invite.mutate({ email: 'eve@example.com', role: 'owner' });
      return {
        input: { invitationId },
        event: { action: 'invitation.withdrawn', targetId: invitationId, targetName: 'eve@example.com' },
        unlessRepeated: true,
        refused: { invitationId: unknownId },
      };
    },
    'keys.create': async () => ({
      input: { name: 'CI', role: 'editor', expiresInDays: null },
      event: { action: 'key.created', targetName: 'CI', details: { role: 'editor', expiresAt: null } },
      refused: { name: '', role: 'editor', expiresInDays: null },
    }),
    'keys.revoke': async () => {
      const { id: keyId } = await ada.api.keys.create.mutate({ name: 'Old CI', role: 'editor', expiresInDays: 1 });
      return {
        input: { keyId },
        event: { action: 'key.revoked', targetId: keyId, targetName: 'Old CI' },
        unlessRepeated: true,
        refused: { keyId: unknownId },
      };
    },
  };
}
