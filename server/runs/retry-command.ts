import { unsuccessfulTestStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';

export interface RetryCommand {
  /** The command runs cases of this Playwright project; null: of all projects. */
  project: string | null;
  command: string;
}

interface Place {
  project: string;
  file: string;
  line: number | null;
}

/** Most places in a command. Beyond that it names files, and beyond as many files it names none. */
const mostPlaces = 50;

/**
 * Commands for the machine that a reported run came from. They repeat the failed and interrupted cases: one command for each
 * Playwright project. If nothing failed, the command repeats the whole run. Throws NOT_FOUND.
 */
export async function getRetryCommands(
  db: Database,
  projectId: string,
  runId: string,
): Promise<{ commands: RetryCommand[]; cases: number }> {
  await getRun(db, projectId, runId);
  const failed = await db
    .selectFrom('runCases')
    .innerJoin('cases', 'cases.id', 'runCases.caseId')
    .select(['cases.project', 'cases.file', 'runCases.line'])
    .where('runCases.runId', '=', runId)
    .where('runCases.status', 'in', unsuccessfulTestStatuses)
    .orderBy('cases.project')
    .orderBy('cases.file')
    .orderBy('runCases.line')
    .execute();
  const commands = commandsOf(failed);
  return {
    commands: commands.length > 0 ? commands : [{ project: null, command: commandOf('', []) }],
    cases: failed.length,
  };
}

/** One command for each Playwright project. */
export function commandsOf(cases: readonly Place[]): RetryCommand[] {
  const projects = [...new Set(cases.map(({ project }) => project))];
  return projects.map((project) => {
    const own = cases.filter((one) => one.project === project);
    return { project: project || null, command: commandOf(project, own) };
  });
}

/** The command that runs these places of a Playwright project. Empty: the project without a name. */
export function commandOf(project: string, cases: readonly Omit<Place, 'project'>[]): string {
  const places = new Set(cases.map(({ file, line }) => (line === null ? pattern(file) : `${pattern(file)}:${line}`)));
  const files = new Set(cases.map(({ file }) => pattern(file)));
  const named = [places, files].find(({ size }) => size <= mostPlaces) ?? new Set<string>();
  const words = [...named, ...(project ? [`--project=${project}`] : [])];
  return ['npx playwright test', ...words.map(quoted)].join(' ');
}

/** Playwright takes files as regular expressions. A dot may stay: it matches itself. */
const pattern = (file: string) => file.replaceAll(/[()[\]{}+*?^$|\\]/g, '\\$&');

/** Quotes a word for shells; most words need no quotes. */
const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
