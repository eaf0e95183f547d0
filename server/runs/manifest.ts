import { sql } from 'kysely';
import { withRepetition } from '#shared/repetitions.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { getRun } from './queries.ts';

/** What the cases of a part are, apart from their states. Short, since a run has thousands. */
export interface Manifest {
  /** Stands for the content: a manifest does not change. Null until Playwright has listed the cases. */
  hash: string | null;
  part: number;
  /** Index in the run of the first case. */
  firstIndex: number;
  /** Files of a suite, or the scripts of the run by name and position. */
  files: { name: string; position: number | null }[];
  /** Names of Playwright's projects. */
  projects: string[];
  tags: string[];
  /** In the order of their indexes. Files, projects and tags are positions in those lists. */
  cases: [file: number, project: number, line: number | null, titlePath: string[], tags: number[]][];
}

interface Row {
  name: string;
  position: number | null;
  project: string;
  line: number | null;
  titlePath: string[];
  repeat: number | null;
  tags: string[];
}

/** Throws NOT_FOUND. */
export async function getManifest(db: Database, projectId: string, runId: string, part: number): Promise<Manifest> {
  await getRun(db, projectId, runId);
  // One statement, so that the cases are those that the hash stands for.
  const { rows } = await sql<{ hash: string | null; firstIndex: number; cases: Row[] | null }>`
    select cases_hash as hash, first_index, (
      select json_agg(json_build_object('name', coalesce(run_tests.name, cases.file), 'position', run_cases.position,
        'project', cases.project, 'line', line, 'titlePath', title_path, 'repeat', repeat, 'tags', tags) order by index)
      from run_cases join cases on cases.id = case_id
      left join run_tests on run_tests.run_id = run_cases.run_id and run_tests.position = run_cases.position
      where run_cases.run_id = run_parts.run_id and run_cases.part = run_parts.part
    ) as cases
    from run_parts where run_id = ${runId} and part = ${part}`.execute(db);
  const found = rows[0];
  if (!found) throw new AppError('NOT_FOUND', `The run has no part ${part}. Parts count from 0: see runs.byId.`);
  const files = createNumbering(({ name, position }: Row) => ({ name, position }));
  const projects = createNumbering((project: string) => project);
  const tags = createNumbering((tag: string) => tag);
  const cases = (found.cases ?? []).map((row): Manifest['cases'][number] => [
    files.numberOf(row, `${row.position}:${row.name}`),
    projects.numberOf(row.project, row.project),
    row.line,
    withRepetition(row.titlePath, row.repeat ?? 0),
    row.tags.map((tag) => tags.numberOf(tag, tag)),
  ]);
  const { hash, firstIndex } = found;
  return { hash, part, firstIndex, files: files.values, projects: projects.values, tags: tags.values, cases };
}

/** Numbers values in the order in which they first come. */
function createNumbering<T, V>(toValue: (of: T) => V) {
  const numbers = new Map<string, number>();
  const values: V[] = [];
  return {
    values,
    numberOf(of: T, key: string): number {
      let number = numbers.get(key);
      if (number === undefined) {
        numbers.set(key, (number = values.length));
        values.push(toValue(of));
      }
      return number;
    },
  };
}
