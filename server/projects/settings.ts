import { devices } from '@playwright/test';
import type { TestSettings } from '#shared/test-settings.ts';
import { changesOfSettings } from '#server/audit/changes-of-settings.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';

/** Defaults of the project's tests. */
export async function getProjectSettings(db: Database, projectId: string): Promise<TestSettings> {
  const { settings } = await db
    .selectFrom('projects')
    .select('settings')
    .where('id', '=', projectId)
    .executeTakeFirstOrThrow();
  return settings;
}

/** Replaces the defaults of the actor's project. Queued runs keep theirs. */
export async function updateProjectSettings(db: Database, actor: Actor, settings: TestSettings): Promise<void> {
  const { projectId } = actor;
  await db.transaction().execute(async (trx) => {
    const before = await trx
      .selectFrom('projects')
      .select(['name', 'settings'])
      .where('id', '=', projectId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const changes = changesOfSettings(before.settings, settings);
    if (Object.keys(changes).length === 0) return;
    await trx
      .updateTable('projects')
      .set({ settings: JSON.stringify(settings) })
      .where('id', '=', projectId)
      .execute();
    const target = { kind: 'project', id: projectId, name: before.name } as const;
    await recordAudit(trx, actor, { action: 'project.settings_changed', target, details: { changes } });
  });
}

/** Throws BAD_REQUEST for a device that Playwright does not know. */
export function checkDevice(settings: TestSettings | undefined): void {
  const device = settings?.device;
  if (device !== undefined && !Object.hasOwn(devices, device))
    throw new AppError('BAD_REQUEST', `"${device}" is not a device of Playwright: choose one such as "iPhone 13".`, {
      field: 'settings.device',
    });
}

/** The devices that Playwright knows, with their browser and screen. */
export function listDevices() {
  return Object.entries(devices).map(([name, { defaultBrowserType, viewport }]) => ({
    name,
    browserName: defaultBrowserType,
    viewport,
  }));
}
