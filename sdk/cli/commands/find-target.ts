import type { Runlight } from '#sdk/client/create-runlight.ts';
import { RefusedError } from '#sdk/client/errors.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { cleanLine } from '#shared/clean-text.ts';
import { isId } from './run-reference.ts';

export type TargetKind = 'test' | 'job' | 'suite';

/** What can be started. */
export interface Target {
  kind: TargetKind;
  id: string;
  name: string;
}

const misuse = (message: string) => new CliError(message, exitCodes.wrongUse);
/** Names that an error lists. */
const mostNames = 5;

/** Finds a test, job or suite by its id or its whole name; letter case counts only where two differ by nothing else. */
export async function findTarget(runlight: Runlight, text: string, kinds: readonly TargetKind[]): Promise<Target> {
  const wanted = text.trim();
  const what = kindsText(kinds);
  if (wanted === '') throw misuse(`The name of the ${what} is empty.`);
  const candidates = isId(wanted) ? await findById(runlight, wanted, kinds) : await findByName(runlight, wanted, kinds);
  const sameName = candidates.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  const sameCase = sameName.filter(({ name }) => name === wanted);
  const matching = isId(wanted) ? candidates : sameCase.length > 0 ? sameCase : sameName;
  if (matching.length === 1) return matching[0]!;
  if (matching.length > 1)
    throw misuse(
      `There is more than one ${what} named "${cleanLine(wanted)}": name one by its id, or by --test or --job.\n${listed(matching)}`,
    );
  const hint = candidates.length > 0 ? `Did you mean one of these?\n${listed(candidates)}` : '';
  throw misuse([`There is no ${what} "${cleanLine(wanted)}" in this project.`, hint].filter(Boolean).join(' '));
}

function listed(targets: Target[]): string {
  const lines = targets
    .slice(0, mostNames)
    .map(({ kind, id, name }) => `  ${kind.padEnd(5)} ${id}  ${cleanLine(name)}`);
  return [...lines, ...(targets.length > mostNames ? [`  and ${targets.length - mostNames} more`] : [])].join('\n');
}

async function findById(runlight: Runlight, id: string, kinds: readonly TargetKind[]): Promise<Target[]> {
  const targets = await Promise.all(
    kinds.map(async (kind): Promise<Target | undefined> => {
      const target = await found<{ name: string }>(
        kind === 'test'
          ? runlight.tests.byId.query({ testId: id })
          : kind === 'job'
            ? runlight.jobs.byId.query({ jobId: id })
            : runlight.suites.byId.query({ suiteId: id }),
      );
      return target && { kind, id, name: target.name };
    }),
  );
  return targets.filter((target) => target !== undefined);
}

/** Targets with the text in their names. */
async function findByName(runlight: Runlight, search: string, kinds: readonly TargetKind[]): Promise<Target[]> {
  const pages = await Promise.all(
    kinds.map(async (kind) => {
      const input = { search: search.slice(0, 200), limit: 200 };
      const { items } = await (kind === 'test'
        ? runlight.tests.list.query(input)
        : kind === 'job'
          ? runlight.jobs.list.query(input)
          : runlight.suites.list.query(input));
      return items.map(({ id, name }): Target => ({ kind, id, name }));
    }),
  );
  return pages.flat();
}

/** `test, job or suite`. */
export function kindsText(kinds: readonly TargetKind[]): string {
  return kinds.length < 2 ? kinds.join() : `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`;
}

/** Undefined for what is not there. */
async function found<T>(query: Promise<T>): Promise<T | undefined> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
