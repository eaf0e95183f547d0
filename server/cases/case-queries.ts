import { sql } from 'kysely';
import { AppError } from '#server/lib/errors.ts';
import type { Database } from '#server/db/database.ts';

export interface Quarantine {
  reason: string;
  owner: string;
  expiresAt: string;
  /** Who put the case there. */
  createdBy: string;
  createdAt: string;
}

export interface CaseHead {
  id: string;
  testId: string | null;
  /** Name of the test; null for a case of a suite. */
  testName: string | null;
  suiteId: string | null;
  suiteName: string | null;
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Relative to Playwright's `rootDir`; empty for a script. */
  file: string;
  /** Titles of `describe` and `test`; empty for a script while its cases are not known. */
  titlePath: string[];
  /** The same, joined with " › "; the name of the test where there is none. */
  title: string;
  createdAt: string;
  quarantine: Quarantine | null;
}

/** The columns of `CaseHead`. The query joins the cases as `subject` with their tests, suites and valid quarantines. */
export const headColumns = sql`subject.id, subject.test_id, test.name as test_name, subject.suite_id,
  suite.name as suite_name, subject.project, subject.file, subject.title_path, coalesce(nullif(subject.title, ''), test.name, '') as title, subject.created_at,
  case when quarantine.case_id is not null then json_build_object(
    'reason', quarantine.reason, 'owner', quarantine.owner, 'expiresAt', quarantine.expires_at,
    'createdBy', quarantine.created_by, 'createdAt', quarantine.created_at
  ) end as quarantine`;
export const headJoins = sql`left join tests as test on test.id = subject.test_id
  left join suites as suite on suite.id = subject.suite_id
  left join quarantines as quarantine on quarantine.case_id = subject.id and quarantine.expires_at > now()`;

/** Times within JSON come as Postgres writes them. */
export function toHead(row: CaseHead): CaseHead {
  const { quarantine } = row;
  const iso = (time: string) => new Date(time).toISOString();
  return {
    id: row.id,
    testId: row.testId,
    testName: row.testName,
    suiteId: row.suiteId,
    suiteName: row.suiteName,
    project: row.project,
    file: row.file,
    titlePath: row.titlePath,
    title: row.title,
    createdAt: row.createdAt,
    quarantine: quarantine && {
      ...quarantine,
      expiresAt: iso(quarantine.expiresAt),
      createdAt: iso(quarantine.createdAt),
    },
  };
}

/** Throws NOT_FOUND. */
export async function getCase(db: Database, projectId: string, caseId: string): Promise<CaseHead> {
  const { rows } = await sql<CaseHead>`
    select ${headColumns} from cases as subject ${headJoins}
    where subject.id = ${caseId} and subject.project_id = ${projectId}`.execute(db);
  return rows[0] ? toHead(rows[0]) : caseNotFound(caseId);
}

export function caseNotFound(caseId: string): never {
  throw new AppError('NOT_FOUND', `There is no case ${caseId}.`);
}
