import { buffer } from 'node:stream/consumers';
import { sql } from 'kysely';
import { maxBaselineBytes, maxBaselineBytesOfTest, maxBaselines } from '#shared/snapshots.ts';
import { maybeText } from '#shared/playwright/content-types.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { placeOf } from '#server/artifacts/file-address.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { type Actor, nameToShow } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getRun } from '#server/runs/queries.ts';
import { getActiveTest } from '#server/tests/queries.ts';

/**
 * Makes what a run took the baseline of its test. Accepting it twice changes nothing. Throws NOT_FOUND, CONFLICT when the test is
 * archived or has too many baselines, or the text had the value of a secret, and PAYLOAD_TOO_LARGE.
 */
export async function acceptSnapshot(
  { db, artifacts }: { db: Database; artifacts: ArtifactStore },
  actor: Actor,
  { runId, artifactPath }: { runId: string; artifactPath: string },
): Promise<{ testId: string; path: string }> {
  await getRun(db, actor.projectId, runId);
  const { testId, path, contentType } = await findTaken(db, runId, artifactPath);
  const { name } = await getActiveTest(db, actor.projectId, testId);
  const content = await readTaken(artifacts, runId, artifactPath);
  if (maybeText.test(contentType) && content.includes('***')) await checkNothingHidden(db, actor.projectId);
  await db.transaction().execute(async (trx) => {
    // Other calls for the test wait, so that none exceeds the number of baselines.
    await trx.selectFrom('tests').select('id').where('id', '=', testId).forUpdate().execute();
    const before = await trx
      .selectFrom('snapshots')
      .select('content')
      .where('testId', '=', testId)
      .where('path', '=', path)
      .executeTakeFirst();
    if (before?.content.equals(content)) return;
    await checkRoom(trx, { testId, path, name, bytes: content.length });
    const values = { content, contentType, runId, acceptedBy: nameToShow(actor) ?? actor.kind, acceptedAt: new Date() };
    await trx
      .insertInto('snapshots')
      .values({ testId, path, ...values })
      .onConflict((conflict) => conflict.columns(['testId', 'path']).doUpdateSet(values))
      .execute();
    await recordAudit(trx, actor, {
      action: 'snapshot.accepted',
      target: { kind: 'test', id: testId, name },
      details: { snapshot: path },
    });
  });
  return { testId, path };
}

async function findTaken(db: Database, runId: string, artifactPath: string) {
  const artifact = await db
    .selectFrom('artifacts')
    .innerJoin('runTests', (join) =>
      join.onRef('runTests.runId', '=', 'artifacts.runId').onRef('runTests.position', '=', 'artifacts.runTestPosition'),
    )
    .select(['runTests.testId', 'artifacts.snapshot', 'artifacts.contentType'])
    .where('artifacts.runId', '=', runId)
    .where('artifacts.path', '=', artifactPath)
    .executeTakeFirst();
  if (artifact?.snapshot?.role !== 'actual' || artifact.testId === null)
    throw new AppError('NOT_FOUND', `The run ${runId} took nothing at "${artifactPath}" that could be a baseline.`);
  return { testId: artifact.testId, path: artifact.snapshot.path, contentType: artifact.contentType };
}

async function readTaken(artifacts: ArtifactStore, runId: string, artifactPath: string): Promise<Buffer> {
  const found = await artifacts.read(placeOf(runId, artifactPath));
  if (!found?.content)
    throw new AppError(
      'NOT_FOUND',
      'The files of the run are not there any more: run the test again, and accept that.',
    );
  const size = Number(found.headers['content-length']);
  if (size <= maxBaselineBytes) return buffer(found.content);
  found.content.destroy();
  throw new AppError(
    'PAYLOAD_TOO_LARGE',
    `The baseline would have ${size.toLocaleString('en')} bytes; at most ${maxBaselineBytes.toLocaleString('en')} (8 MiB) are allowed.`,
  );
}

/** A text from which a value was hidden is like no later one, which has the value. */
async function checkNothingHidden(db: Database, projectId: string): Promise<void> {
  const secret = await db
    .selectFrom('variables')
    .select('name')
    .where('projectId', '=', projectId)
    .where('isSecret', '=', true)
    .executeTakeFirst();
  if (secret)
    throw new AppError(
      'CONFLICT',
      'The text has *** in place of the value of a secret variable, so that no later run would be like it: replace the value in the script before the comparison.',
    );
}

async function checkRoom(
  trx: Trx,
  { testId, path, name, bytes }: { testId: string; path: string; name: string; bytes: number },
): Promise<void> {
  const others = await trx
    .selectFrom('snapshots')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .select(sql<number>`coalesce(sum(length(content)), 0)::float8`.as('bytes'))
    .where('testId', '=', testId)
    .where('path', '!=', path)
    .executeTakeFirstOrThrow();
  if (others.count >= maxBaselines)
    throw new AppError(
      'CONFLICT',
      `The test "${name}" has ${maxBaselines} baselines, and no more are allowed: remove some, or use several tests.`,
    );
  if (others.bytes + bytes > maxBaselineBytesOfTest)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The baselines of the test "${name}" would have more than 64 MiB together: remove some, or use several tests.`,
    );
}
