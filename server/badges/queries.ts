import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { badgeInputs } from '#shared/badge-inputs.ts';
import { badgePath } from '#shared/badges.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { labelOf } from './badge-label.ts';

type Owner = z.output<(typeof badgeInputs)['list']>;

const owners = {
  testId: { kind: 'test', table: 'tests' },
  jobId: { kind: 'job', table: 'jobs' },
  suiteId: { kind: 'suite', table: 'suites' },
} as const;

/** What a badge is of. Throws NOT_FOUND. */
async function getOwner(db: Database, projectId: string, owner: Owner) {
  const [column, id] =
    'testId' in owner
      ? (['testId', owner.testId] as const)
      : 'jobId' in owner
        ? (['jobId', owner.jobId] as const)
        : (['suiteId', owner.suiteId] as const);
  const { kind, table } = owners[column];
  const found = await db
    .selectFrom(table)
    .select('name')
    .where('projectId', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) throw new AppError('NOT_FOUND', `There is no ${kind} ${id}.`);
  return { column, target: { kind, id, name: found.name } };
}

/** The badges of a test, job or suite, in the order in which they were made. Throws NOT_FOUND. */
export async function listBadges(db: Database, projectId: string, owner: Owner) {
  const { column, target } = await getOwner(db, projectId, owner);
  const rows = await db
    .selectFrom('badges')
    .select(['id', 'token', 'branch', 'createdBy', 'createdAt'])
    .where(column, '=', target.id)
    .orderBy('id')
    .execute();
  const items = rows.map(({ token, ...badge }) => ({
    ...badge,
    path: badgePath(token),
    label: labelOf(target.name, badge.branch),
  }));
  return { items };
}

/** Resolves to the badge that there is, if there is one. Throws NOT_FOUND. */
export async function createBadge(
  db: Database,
  actor: Actor,
  { branch = null, ...owner }: Owner & { branch?: string | null | undefined },
): Promise<{ id: string; path: string }> {
  const { column, target } = await getOwner(db, actor.projectId, owner);
  return db.transaction().execute(async (trx) => {
    const created = await trx
      .insertInto('badges')
      .values({
        id: uuidv7(),
        projectId: actor.projectId,
        [column]: target.id,
        branch,
        token: randomBytes(18).toString('base64url'),
        createdBy: actor.name,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'token'])
      .executeTakeFirst();
    if (created)
      await recordAudit(trx, actor, {
        action: 'badge.created',
        target,
        ...(branch !== null && { details: { branch } }),
      });
    const { id, token } =
      created ??
      (await trx
        .selectFrom('badges')
        .select(['id', 'token'])
        .where(column, '=', target.id)
        .where('branch', 'is not distinct from', branch)
        .executeTakeFirstOrThrow());
    return { id, path: badgePath(token) };
  });
}

/** From now on its address says that there is no badge. Throws NOT_FOUND. */
export async function revokeBadge(db: Database, actor: Actor, badgeId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const badge = await trx
      .deleteFrom('badges')
      .where('id', '=', badgeId)
      .where('projectId', '=', actor.projectId)
      .returning(['testId', 'jobId', 'suiteId', 'branch'])
      .executeTakeFirst();
    if (!badge) throw new AppError('NOT_FOUND', `There is no badge ${badgeId}.`);
    const { testId, jobId, suiteId, branch } = badge;
    const owner = testId !== null ? { testId } : jobId !== null ? { jobId } : { suiteId: suiteId! };
    const { target } = await getOwner(trx, actor.projectId, owner);
    await recordAudit(trx, actor, {
      action: 'badge.revoked',
      target,
      ...(branch !== null && { details: { branch } }),
    });
  });
}
