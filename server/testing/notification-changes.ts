import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type AuditFixture, secret } from './audit-fixture.ts';
import type { Change } from './mutation-changes.ts';
import { inProject } from './users.ts';

const unknownId = '018f0000-0000-7000-8000-000000000000';

/** Changes of rules for notifications, in projects of their own: no run ends there, so none of them has anything to send. */
export function createNotificationChanges({ app, ada }: AuditFixture): Record<string, () => Promise<Change>> {
  const { db } = app.services;
  const rule = {
    name: 'Our robot',
    events: ['start_missed' as const],
    scope: { kind: 'all' as const },
    target: { kind: 'webhook' as const, url: 'http://127.0.0.1:9/hook' },
  };
  const newProject = async () => (await ada.api.projects.create.mutate({ name: 'Told' })).projectId;
  const create = async () => {
    const project = await newProject();
    const { id: ruleId } = await inProject(app, ada, project).api.notifications.create.mutate(rule);
    return { project, ruleId };
  };
  const refused = { ruleId: unknownId };
  const eventOf = (action: string, targetId: string) => ({
    action: `notification.${action}`,
    targetKind: 'notification',
    targetId,
    targetName: 'Our robot',
  });
  return {
    'notifications.create': async () => ({
      project: await newProject(),
      input: { ...rule, target: { kind: 'slack' }, secret: `https://hooks.example/${encodeURIComponent(secret)}` },
      event: { action: 'notification.created', targetKind: 'notification', targetName: 'Our robot' },
      refused: { ...rule, target: { kind: 'slack' } },
    }),
    'notifications.update': async () => {
      const { project, ruleId } = await create();
      return {
        project,
        input: { ruleId, name: 'Our other robot', enabled: false },
        event: {
          ...eventOf('updated', ruleId),
          targetName: 'Our other robot',
          details: {
            changes: { name: { from: 'Our robot', to: 'Our other robot' }, enabled: { from: true, to: false } },
          },
        },
        unlessRepeated: true,
        refused: { ...refused, name: 'Nobody' },
      };
    },
    'notifications.rotateKey': async () => {
      const { project, ruleId } = await create();
      return {
        project,
        input: { ruleId },
        event: { ...eventOf('key_rotated', ruleId), details: { expiresAt: expect.any(String) } },
        unlessRepeated: true,
        refused,
      };
    },
    'notifications.remove': async () => {
      const { project, ruleId } = await create();
      return { project, input: { ruleId }, event: eventOf('removed', ruleId), unlessRepeated: true, refused };
    },
    'notifications.test': async () => {
      const { project, ruleId } = await create();
      return { project, input: { ruleId }, event: eventOf('tested', ruleId), refused };
    },
    'notifications.resume': async () => {
      const { project, ruleId } = await create();
      await db.updateTable('notificationRules').set({ pausedAt: new Date() }).where('id', '=', ruleId).execute();
      return { project, input: { ruleId }, event: eventOf('resumed', ruleId), unlessRepeated: true, refused };
    },
    'notifications.redeliver': async () => {
      const { project, ruleId } = await create();
      const deliveryId = randomUUID();
      await db
        .insertInto('notificationDeliveries')
        .values({
          id: deliveryId,
          projectId: project,
          ruleId,
          sequence: 1,
          key: 'start_missed:1',
          event: 'start_missed',
          summary: 'Nightly did not start',
          body: '{}',
          state: 'failed',
        })
        .execute();
      return {
        project,
        input: { deliveryId },
        event: eventOf('redelivered', ruleId),
        refused: { deliveryId: unknownId },
      };
    },
  };
}
