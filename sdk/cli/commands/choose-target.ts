import { autocomplete, isCancel } from '@clack/prompts';
import { formatRelative } from '#client/ui/format.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { cleanLine } from '#shared/clean-text.ts';
import { kindsText, type Target, type TargetKind } from './find-target.ts';

/** Of each kind; more are found by name. */
const most = 200;

/** Offers the newest tests and jobs, and suites that have a bundle. */
export async function chooseTarget(host: Host, runlight: Runlight, kinds: TargetKind[]): Promise<Target> {
  const what = kindsText(kinds);
  const [tests, jobs, suites] = await Promise.all([
    kinds.includes('test') ? runlight.tests.list.query({ limit: most }) : { items: [] },
    kinds.includes('job') ? runlight.jobs.list.query({ limit: most }) : { items: [] },
    kinds.includes('suite') ? runlight.suites.list.query({ limit: most }) : { items: [] },
  ]);
  const options = [
    ...suites.items.filter(({ isRunnable }) => isRunnable).map((suite) => ({ kind: 'suite' as const, ...suite })),
    ...jobs.items.map((job) => ({ kind: 'job' as const, ...job })),
    ...tests.items.map((test) => ({ kind: 'test' as const, ...test })),
  ].map(({ kind, id, name, lastRun }) => ({
    value: { kind, id, name } satisfies Target,
    label: cleanLine(name),
    hint: [kind, lastRun && `${lastRun.status} ${formatRelative(lastRun.queuedAt, Date.now())}`]
      .filter(Boolean)
      .join(', '),
  }));
  if (options.length === 0)
    throw new CliError(`There is no ${what} in this project yet: ${runlight.url}`, exitCodes.wrongUse);
  const chosen = await autocomplete<Target>({
    message: `Which ${what}?`,
    options,
    maxItems: 12,
    input: host.stdin,
    output: host.stdout,
  });
  if (isCancel(chosen)) throw new CliError('Nothing was started.', exitCodes.cancelled);
  return chosen;
}
