import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Connection } from '#sdk/cli/config/connect.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { type ExitCode, exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { type Host, isInteractive } from '#sdk/cli/process/host.ts';
import { hasConfig } from '#sdk/cli/push/find-suite.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import { runLine } from '#sdk/cli/watch/json-view.ts';
import { addressOfRun, runTitle } from '#shared/run-export/run-words.ts';
import { noteInterrupts } from '#sdk/cli/watch/interrupts.ts';
import { watchRun } from '#sdk/cli/watch/watch-run.ts';
import { identifyBuild } from '#sdk/reporter/ci/identify-build.ts';
import { type CommandContext, examples, withConnection } from './command-context.ts';
import { findTarget, kindsText, type Target, type TargetKind } from './find-target.ts';
import { startSuite, suiteOfFolder } from './start-suite.ts';
import { addSuiteRunOptions, flagOfSuites, type SuiteRunFlags, suiteOptionsOf } from './suite-run-flags.ts';
import { addWatchOptions, toWatchOptions, type WatchFlags } from './watch-options.ts';

interface RunFlags extends WatchFlags, SuiteRunFlags {
  test?: boolean;
  job?: boolean;
  detach?: boolean;
  idempotencyKey?: string;
}

export function addRun({ program, host, run }: CommandContext): void {
  const command = program
    .command('run')
    .description('start a test, a job or a suite, and watch it until it is over')
    .argument(
      '[name]',
      'name or id of a test, job or suite; default: the suite in this folder or, in a terminal, one of a list',
    )
    .argument('[files...]', "of a suite: Playwright's filters of files; its options come after --")
    .option('--test', 'look for a test only')
    .option('--job', 'look for a job only')
    .option('-d, --detach', 'print the address of the run, and do not wait for it')
    .option('--idempotency-key <key>', 'start one run at most for this key, such as the id of a build');
  addSuiteRunOptions(command);
  addWatchOptions(command, { timeout: 'cancel the run if it has not ended after this time, such as 15m' })
    .addHelpText(
      'after',
      examples(
        ['runlight run Checkout', 'the test, job or suite of this name'],
        ['runlight run --job Nightly --timeout 30m', 'a job, for 30 minutes at most'],
        ['runlight run --shards 4 -- --retries=2', 'push the suite in this folder, and run it in 4 parts'],
        ['runlight run --project chromium --grep @smoke', 'some of its cases'],
        ['runlight run --last-failed', 'what failed in its last run'],
        ['runlight run Checkout --idempotency-key "$GITHUB_RUN_ID"', 'once per build'],
        ['runlight run Checkout --detach', 'only the address'],
        ['runlight run Checkout --junit results.xml', 'with a report for the CI'],
        ['runlight run Checkout --json | jq .type', 'for programs'],
      ),
    )
    .action(() =>
      run(() => start(host, splitWords(host.argv, command.args), command.optsWithGlobals(), command.opts())),
    );
}

interface Words {
  /** Before `--`. */
  operands: string[];
  /** Playwright's. */
  playwright: string[];
}

/** `args`: all operands, also those after `--`. */
function splitWords(argv: readonly string[], args: readonly string[]): Words {
  const at = argv.indexOf('--');
  const playwright = at === -1 ? [] : argv.slice(at + 1);
  return { operands: args.slice(0, args.length - playwright.length), playwright };
}

async function start(host: Host, words: Words, options: RunFlags, flags: RunFlags): Promise<ExitCode> {
  if (flags.detach) refuseWithDetach(options);
  return withConnection(host, options, async (connection) => {
    const { runlight } = connection;
    const launch = await findLaunch(host, connection, words, options);
    // An answer that is lost is asked for again, and the run is started once.
    const idempotencyKey = flags.idempotencyKey ?? randomUUID();
    const noted = noteInterrupts(host);
    const started = await launch(idempotencyKey)
      .then((runId) => runlight.runs.byId.query({ runId }))
      .finally(noted.close);
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

/** Starts a run, and resolves to its id. */
type Launch = (idempotencyKey: string) => Promise<string>;

/** Finds what is to be run: the suite in this folder, which is pushed, or what the first operand names. */
async function findLaunch(host: Host, connection: Connection, words: Words, flags: RunFlags): Promise<Launch> {
  const { runlight } = connection;
  const { operands, playwright } = words;
  const [name, ...files] = operands;
  const isOfFolder = flags.suite !== undefined || (name === undefined && isFolderMeant(words, flags));
  if (isOfFolder) {
    const options = suiteOptionsOf(flags, operands, playwright);
    const suite = await suiteOfFolder(host, connection, flags);
    return (idempotencyKey) => startSuite(host, runlight, suite, { flags, options, idempotencyKey });
  }
  const kinds: TargetKind[] = flags.test === flags.job ? ['test', 'job', 'suite'] : flags.test ? ['test'] : ['job'];
  const target = await (name === undefined ? choose(host, runlight, kinds) : findTarget(runlight, name, kinds));
  if (target.kind === 'suite') {
    const options = suiteOptionsOf(flags, files, playwright);
    const suite = { suiteId: target.id, bundleId: flags.bundle };
    return (idempotencyKey) => startSuite(host, runlight, suite, { flags, options, idempotencyKey });
  }
  const extra = flagOfSuites(flags) ?? [...files, ...playwright][0];
  if (extra !== undefined)
    throw new CliError(`${extra} is for suites: "${target.name}" is a ${target.kind}.`, exitCodes.wrongUse);
  return (idempotencyKey) => startTarget(host, runlight, target, idempotencyKey);
}

/** Without a name: true if the suite in this folder is to be run. */
function isFolderMeant({ playwright }: Words, flags: RunFlags): boolean {
  if (flags.test || flags.job) return false;
  return playwright.length > 0 || flagOfSuites(flags) !== undefined || hasConfig(path.resolve('.'));
}

/** What needs the end of the run does not go with a run that is not waited for. */
function refuseWithDetach({ junit, codeQuality, timeout, log, verbose }: RunFlags): void {
  const given = Object.entries({ '--junit': junit, '--code-quality': codeQuality, '--timeout': timeout, '--log': log });
  const first = given.find(([, value]) => value !== undefined)?.[0] ?? (verbose ? '--verbose' : undefined);
  if (first)
    throw new CliError(`${first} needs the run to be watched: leave out --detach, or ${first}.`, exitCodes.wrongUse);
}

/** Starts a test or a job, as a run of the commit of this folder's repository or of the CI. */
async function startTarget(
  host: Host,
  runlight: Runlight,
  { kind, id }: Target,
  idempotencyKey: string,
): Promise<string> {
  const { commit } = await identifyBuild({ env: host.env, cwd: path.resolve('.'), buildId: undefined });
  if (kind === 'test') return (await runlight.tests.run.mutate({ testId: id, idempotencyKey, commit })).runId;
  const { suite } = await runlight.jobs.byId.query({ jobId: id });
  // A run of a suite has the commit of its bundle.
  return (await runlight.jobs.run.mutate({ jobId: id, idempotencyKey, ...(suite === null && { commit }) })).runId;
}

async function choose(host: Host, runlight: Runlight, kinds: TargetKind[]): Promise<Target> {
  if (!isInteractive(host))
    throw new CliError(
      `Name the ${kindsText(kinds)} to run: runlight run <name or id>. A suite is run in its folder without a name.`,
      exitCodes.wrongUse,
    );
  const { chooseTarget } = await import('./choose-target.ts');
  return chooseTarget(host, runlight, kinds);
}
