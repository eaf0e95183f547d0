import type { Runlight } from '#sdk/client/create-runlight.ts';
import { RefusedError } from '#sdk/client/errors.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { cleanLine } from '#sdk/cli/text/clean-text.ts';
import { isId } from './run-reference.ts';

export type TargetKind = 'test' | 'job';

/** What can be started. */
export interface Target {
  kind: TargetKind;
  id: string;
  name: string;
}

const misuse = (message: string) => new CliError(message, exitCodes.wrongUse);
/** Names that an error lists. */
const mostNames = 5;

/** Finds a test or job by its id or its whole name; letter case counts only where two differ by nothing else. */
export async function findTarget(runlight: Runlight, text: string, kinds: readonly TargetKind[]): Promise<Target> {
  const wanted = text.trim();
  const what = kinds.join(' or ');
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
  await refuseSuite(runlight, wanted);
  const hint = candidates.length > 0 ? `Did you mean one of these?\n${listed(candidates)}` : '';
  throw misuse([`There is no ${what} "${cleanLine(wanted)}" in this project.`, hint].filter(Boolean).join(' '));
}

function listed(targets: Target[]): string {
  const lines = targets
    .slice(0, mostNames)
    .map(({ kind, id, name }) => `  ${kind.padEnd(4)} ${id}  ${cleanLine(name)}`);
  return [...lines, ...(targets.length > mostNames ? [`  and ${targets.length - mostNames} more`] : [])].join('\n');
}

async function findById(runlight: Runlight, id: string, kinds: readonly TargetKind[]): Promise<Target[]> {
  const targets = await Promise.all(
    kinds.map(async (kind): Promise<Target | undefined> => {
      const target = await found<{ name: string }>(
        kind === 'test' ? runlight.tests.byId.query({ testId: id }) : runlight.jobs.byId.query({ jobId: id }),
      );
      return target && { kind, id, name: target.name };
    }),
  );
  return targets.filter((target) => target !== undefined);
}

/** Those whose names contain the text. */
async function findByName(runlight: Runlight, search: string, kinds: readonly TargetKind[]): Promise<Target[]> {
  const pages = await Promise.all(
    kinds.map(async (kind) => {
      const input = { search: search.slice(0, 200), limit: 200 };
      const { items } =
        kind === 'test' ? await runlight.tests.list.query(input) : await runlight.jobs.list.query(input);
      return items.map(({ id, name }): Target => ({ kind, id, name }));
    }),
  );
  return pages.flat();
}

/** Throws if the text is the name or the id of a suite. */
async function refuseSuite(runlight: Runlight, wanted: string): Promise<void> {
  const { items } = isId(wanted)
    ? { items: [await found(runlight.suites.byId.query({ suiteId: wanted }))] }
    : await runlight.suites.list.query({ search: wanted.slice(0, 200), limit: 200 });
  const suite = items.find((item) => item && (isId(wanted) || item.name.toLowerCase() === wanted.toLowerCase()));
  if (suite)
    throw misuse(
      `A suite that is reported cannot be started from here: "${cleanLine(suite.name)}" runs where its reporter runs, such as ` +
        'in its CI. Watch a run of it: runlight watch <run>.',
    );
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
