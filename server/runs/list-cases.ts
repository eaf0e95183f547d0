import { createHash } from 'node:crypto';
import { withoutRepetition } from '#shared/repetitions.ts';
import { type CaseState, type ListedCase, titleSeparator } from '#shared/run-cases.ts';
import type { Trx } from '#server/db/database.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { caseId } from './case-id.ts';
import type { RunVersion } from './write-cases.ts';

/** UTF-16 units of each title, as it is stored. */
const longestTitle = 1_000;
/** Rows per statement. */
const batchSize = 2_000;

export interface ListedPart {
  /** From 0. */
  part: number;
  /** In the order in which Playwright lists them. */
  cases: readonly ListedCase[];
}

interface Source {
  projectId: string;
  /** The suite, test or job of the run. */
  sourceId: string;
  suiteId: string | null;
  /** The run repeats a case: results are of the repeated cases, and not of cases of their own. */
  isRepeated: boolean;
  scripts: { position: number; testId: string | null }[];
}

/** A case of each script of a run that Playwright has not listed, to stand for it. */
function ofScript(position: number): ListedCase {
  return { position, project: '', file: '', titlePath: [], line: null, tags: [], annotations: [] };
}

/** Writes a case for each script of a new run. */
export async function writeUnlistedCases(trx: Trx, runId: string, source: Source): Promise<void> {
  const cases = source.scripts.map(({ position }) => ofScript(position));
  await insertCases(trx, runId, source, { part: 0, cases }, { firstIndex: 0, version: 1 });
}

/**
 * Replaces the cases of a part by those that Playwright has listed, and resolves to their states. A script without any
 * keeps the case that stands for it. The log may be about cases that were listed before, so no index stands for another
 * case later.
 */
export async function writeListedCases(
  trx: Trx,
  { runId, version }: RunVersion,
  listed: ListedPart,
): Promise<{ states: CaseState[]; firstIndex: number }> {
  const source = await findSource(trx, runId);
  const { next } = await trx
    .selectFrom('runCases')
    .select((eb) => eb.fn.coalesce(eb(eb.fn.max('index'), '+', 1), eb.lit(0)).as('next'))
    .where('runId', '=', runId)
    .where((eb) => eb.or([eb('part', '<>', listed.part), eb('isScript', '=', false)]))
    .executeTakeFirstOrThrow();
  await trx.deleteFrom('runCases').where('runId', '=', runId).where('part', '=', listed.part).execute();
  const firstIndex = Number(next);
  const withCases = new Set(listed.cases.map(({ position }) => position));
  const others = source.scripts.filter(({ position }) => !withCases.has(position));
  const cases = [...listed.cases, ...others.map(({ position }) => ofScript(position))];
  const states = await insertCases(trx, runId, source, { part: listed.part, cases }, { firstIndex, version });
  await trx
    .updateTable('runParts')
    .set({ firstIndex, total: cases.length, casesHash: hashOf(listed.cases) })
    .where('runId', '=', runId)
    .where('part', '=', listed.part)
    .execute();
  return { states, firstIndex };
}

async function findSource(trx: Trx, runId: string): Promise<Source> {
  const run = await trx
    .selectFrom('runs')
    .select(['projectId', 'testId', 'jobId', 'suiteId', 'repeats'])
    .where('id', '=', runId)
    .executeTakeFirstOrThrow();
  const scripts = await trx
    .selectFrom('runTests')
    .select(['position', 'testId'])
    .where('runId', '=', runId)
    .orderBy('position')
    .execute();
  const { projectId, testId, jobId, suiteId, repeats } = run;
  return { projectId, sourceId: suiteId ?? testId ?? jobId!, suiteId, isRepeated: repeats !== null, scripts };
}

async function insertCases(
  trx: Trx,
  runId: string,
  { projectId, sourceId, suiteId, isRepeated, scripts }: Source,
  { part, cases }: ListedPart,
  { firstIndex, version }: { firstIndex: number; version: number },
): Promise<CaseState[]> {
  const states: CaseState[] = [];
  const testIds = new Map(scripts.map(({ position, testId }) => [position, testId]));
  const rows = cases.map((it, offset) => {
    const listed = isRepeated ? asRepetition(it) : { ...it, repeat: null };
    const testId = listed.position === null ? null : (testIds.get(listed.position) ?? null);
    return { ...listed, index: firstIndex + offset, testId, caseId: caseId(testId ?? sourceId, listed) };
  });
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = rows.slice(start, start + batchSize);
    const identities = new Map(batch.map((row) => [row.caseId, row]));
    await trx
      .insertInto('cases')
      .values(
        // In one order in all transactions, so that they cannot wait for one another in a circle.
        [...identities.values()]
          .toSorted((a, b) => (a.caseId < b.caseId ? -1 : 1))
          .map(({ caseId: id, testId, project, file, titlePath }) => {
            const titles = titlePath.map((title) => storableText(title, longestTitle));
            return {
              id,
              projectId,
              testId,
              suiteId,
              project: storableText(project, longestTitle),
              file: storableText(file, longestTitle),
              titlePath: JSON.stringify(titles),
              title: titles.join(titleSeparator),
            };
          }),
      )
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    const quarantined = await findQuarantined(trx, [...identities.keys()]);
    for (const { index, caseId: id } of batch) states.push([index, 'pending', 0, null, quarantined.has(id) ? 'q' : '']);
    await trx
      .insertInto('runCases')
      .values(
        batch.map(({ index, caseId: id, position, titlePath, repeat, line, tags, annotations }) => ({
          runId,
          index,
          caseId: id,
          part,
          position,
          isScript: titlePath.length === 0,
          repeat,
          line,
          tags: JSON.stringify(tags.map((tag) => storableText(tag, longestTitle))),
          annotations: JSON.stringify(annotations),
          quarantined: quarantined.has(id),
          version,
        })),
      )
      .execute();
  }
  return states;
}

function asRepetition(listed: ListedCase) {
  const { repeat = null } = listed;
  return { ...listed, repeat, titlePath: withoutRepetition(listed.titlePath, repeat ?? 0) };
}

/** Which of these cases are in quarantine now. */
async function findQuarantined(trx: Trx, caseIds: string[]): Promise<Set<string>> {
  const rows = await trx
    .selectFrom('quarantines')
    .select('caseId')
    .where('caseId', 'in', caseIds)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', eb.fn<string>('now'))]))
    .execute();
  return new Set(rows.map((row) => row.caseId));
}

/** Of what the manifest of a part tells about its cases. */
function hashOf(cases: readonly ListedCase[]): string {
  const hash = createHash('sha256');
  for (const { position, project, file, titlePath, line, tags } of cases)
    hash.update(JSON.stringify([position, project, file, titlePath, line, tags]));
  return hash.digest('base64url').slice(0, 22);
}
