import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});

test('rules are checked: targets need their secret, scopes are of the project, and a project has at most 50', async () => {
  const { notifications } = app().client.api;
  const rule = { name: 'Wrong', events: ['failed' as const], scope: { kind: 'all' as const } };
  const slack = { ...rule, target: { kind: 'slack' as const } };
  await expect(notifications.create.mutate(slack)).rejects.toThrow('address of the webhook');
  await expect(notifications.create.mutate({ ...slack, secret: 'file:///etc/passwd' })).rejects.toThrow('address');
  const github = { kind: 'github' as const, repository: 'shop/..', comment: false };
  await expect(notifications.create.mutate({ ...rule, target: github, secret: 'x' })).rejects.toThrow('owner/name');
  const webhook = { kind: 'webhook' as const, url: 'https://hooks.example.com/runs' };
  const unknown = { kind: 'test' as const, testId: randomUUID() };
  await expect(notifications.create.mutate({ ...rule, target: webhook, scope: unknown })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND', fieldErrors: { scope: ['must name a test of this project'] } },
  });
  const values = { projectId: app().projectId, name: 'One', events: '[]', scope: '{"kind": "all"}', target: '{}' };
  const rows = Array.from({ length: 50 }, () => ({ ...values, id: randomUUID() }));
  await app().services.db.insertInto('notificationRules').values(rows).execute();
  await expect(notifications.create.mutate({ ...rule, target: webhook })).rejects.toThrow('at most 50');
});
