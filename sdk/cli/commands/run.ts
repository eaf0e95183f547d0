import { randomUUID } from 'node:crypto';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { type ExitCode, exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { type Host, isInteractive } from '#sdk/cli/process/host.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import { runLine } from '#sdk/cli/watch/json-view.ts';
import { addressOfRun, runTitle } from '#sdk/cli/model/run-text.ts';
import { noteInterrupts } from '#sdk/cli/watch/interrupts.ts';
import { watchRun } from '#sdk/cli/watch/watch-run.ts';
import { type CommandContext, examples, withConnection } from './command-context.ts';
import { findTarget, type Target, type TargetKind } from './find-target.ts';
import { addWatchOptions, toWatchOptions, type WatchFlags } from './watch-options.ts';

interface RunFlags extends WatchFlags {
  test?: boolean;
  job?: boolean;
  detach?: boolean;
  idempotencyKey?: string;
}

export function addRun({ program, host, run }: CommandContext): void {
  const command = program
    .command('run')
    .description('start a test or a job, and watch it until it is over')
    .argument('[test or job]', 'its name or its id; with a terminal, a list is offered without it')
    .option('--test', 'look for a test only')
    .option('--job', 'look for a job only')
    .option('-d, --detach', 'print the address of the run, and do not wait for it')
    .option('--idempotency-key <key>', 'start one run at most for this key, such as the id of a build');
  addWatchOptions(command, { timeout: 'cancel the run if it has not ended after this time, such as 15m' })
    .addHelpText(
      'after',
      examples(
        ['runlight run Checkout', 'the test or job of this name'],
        ['runlight run --job Nightly --timeout 30m', 'a job, for 30 minutes at most'],
        ['runlight run Checkout --idempotency-key "$GITHUB_RUN_ID"', 'once per build'],
        ['runlight run Checkout --detach', 'only the address'],
        ['runlight run Checkout --junit results.xml', 'with a report for the CI'],
        ['runlight run Checkout --json | jq .type', 'for programs'],
      ),
    )
    .action((name: string | undefined, flags: RunFlags) =>
      run(() => start(host, name, command.optsWithGlobals(), flags)),
    );
}

async function start(host: Host, name: string | undefined, options: RunFlags, flags: RunFlags): Promise<ExitCode> {
  if (flags.detach) refuseWithDetach(options);
  return withConnection(host, options, async (connection) => {
    const { runlight } = connection;
    const kinds: TargetKind[] = flags.test === flags.job ? ['test', 'job'] : flags.test ? ['test'] : ['job'];
    const target = await (name === undefined ? choose(host, runlight, kinds) : findTarget(runlight, name, kinds));
    // An answer that is lost is asked for again, and the run is started once.
    const idempotencyKey = flags.idempotencyKey ?? randomUUID();
    const noted = noteInterrupts(host);
    const started = await startTarget(runlight, target, idempotencyKey).finally(noted.close);
    const { id: runId } = started;
    const isInterrupted = noted.isInterrupted();
    if (!flags.detach)
      return watchRun(host, { connection, run: started, isOurs: true, isInterrupted }, toWatchOptions(options));
    const address = addressOfRun(runlight.url, runId);
    host.stdout.write(`${flags.json ? runLine(started, runlight.url) : address}\n`);
    if (!flags.json) host.stderr.write(`Started ${runTitle(started)}. Watch it: runlight watch ${runId}\n`);
    return exitCodes.passed;
  });
}

/** What needs the end of the run does not go with a run that is not waited for. */
function refuseWithDetach({ junit, codeQuality, timeout, log, verbose }: RunFlags): void {
  const given = Object.entries({ '--junit': junit, '--code-quality': codeQuality, '--timeout': timeout, '--log': log });
  const first = given.find(([, value]) => value !== undefined)?.[0] ?? (verbose ? '--verbose' : undefined);
  if (first)
    throw new CliError(`${first} needs the run to be watched: leave out --detach, or ${first}.`, exitCodes.wrongUse);
}

async function startTarget(runlight: Runlight, { kind, id }: Target, idempotencyKey: string): Promise<Run> {
  const { runId } = await (kind === 'test'
    ? runlight.tests.run.mutate({ testId: id, idempotencyKey })
    : runlight.jobs.run.mutate({ jobId: id, idempotencyKey }));
  return runlight.runs.byId.query({ runId });
}

async function choose(host: Host, runlight: Runlight, kinds: TargetKind[]): Promise<Target> {
  if (!isInteractive(host))
    throw new CliError('Name the test or job to run: runlight run <name or id>.', exitCodes.wrongUse);
  const { chooseTarget } = await import('./choose-target.ts');
  return chooseTarget(host, runlight, kinds);
}
