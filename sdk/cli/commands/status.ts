import cliTruncate from 'cli-truncate';
import { formatElapsed, formatRelative } from '#client/ui/format.ts';
import { isTerminal } from '#shared/run-status.ts';
import { progressText } from '#shared/verdict-text.ts';
import type { Connection } from '#sdk/cli/config/connect.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { cleanLine, toJsonLine, withoutCiCommands } from '#shared/clean-text.ts';
import { createPaint, type Paint, signs } from '#sdk/cli/text/paint.ts';
import { addressOfCase, addressOfRun, commitText, verdictLine } from '#shared/run-export/run-words.ts';
import type { Runlight } from '#sdk/client/create-runlight.ts';
import type { OutputOf } from '#sdk/client/procedures.ts';
import { type CommandContext, examples, type GlobalOptions, withConnection } from './command-context.ts';
import { parseRunReference } from './run-reference.ts';

interface StatusFlags extends GlobalOptions {
  json?: boolean;
  exitStatus?: boolean;
}

type Summary = OutputOf<Runlight['queue']['list']>['running'][number];

/** Failures of a run, and runs that are over, that are listed. */
const mostFailures = 20;
const mostEnded = 5;

export function addStatus({ program, host, run }: CommandContext): void {
  const command = program
    .command('status')
    .description('say what runs now and what is queued, or how far one run is')
    .argument('[run]', 'its id or its address')
    .option('--json', 'print a line of JSON')
    .option('--exit-status', 'with a run that is over: exit with the code of its verdict')
    .addHelpText(
      'after',
      examples(
        ['runlight status', 'what runs, what waits, what ended last'],
        ['runlight status 01980000-0000-7000-8000-000000000000 --exit-status', 'one run, and its verdict as exit code'],
      ),
    )
    .action((text: string | undefined) =>
      run(() => {
        const options = command.optsWithGlobals<StatusFlags>();
        const reference = text === undefined ? undefined : parseRunReference(text);
        return withConnection(
          host,
          options,
          (connection) =>
            reference ? showRun(host, connection, reference.runId, options) : showQueue(host, connection, options),
          reference?.url,
        );
      }),
    );
}

function printer(host: Host) {
  const { columns } = host.stdout;
  return (lines: string[]) => {
    const fitting = host.stdout.isTTY ? lines.map((line) => cliTruncate(line, columns)) : lines;
    host.stdout.write(`${withoutCiCommands(fitting.join('\n'))}\n`);
  };
}

async function showQueue(host: Host, { runlight, now }: Connection, options: StatusFlags): Promise<ExitCode> {
  const [{ running, queued }, stats, { items: ended }] = await Promise.all([
    runlight.queue.list.query(),
    runlight.queue.stats.query(),
    runlight.runs.list.query({ status: ['passed', 'failed', 'error', 'cancelled', 'timed_out'], limit: mostEnded }),
  ]);
  if (options.json) {
    host.stdout.write(`${toJsonLine({ running, queued, ended, stats })}\n`);
    return exitCodes.passed;
  }
  const paint = createPaint(host, options.color);
  const { url } = runlight;
  const rowsOf = (runs: readonly Summary[], detail: (run: Summary, index: number) => string) =>
    runs.length === 0
      ? [paint.dim('  none')]
      : runs.map((run, index) => `  ${paint.dim(run.id)}  ${cleanLine(run.name)}  ${paint.dim(detail(run, index))}`);
  printer(host)([
    paint.bold(`Running (${running.length}; ${stats.running} of ${stats.runningCapacity} in all projects)`),
    ...rowsOf(
      running,
      (run) => `${formatElapsed(now() - Date.parse(run.startedAt ?? run.queuedAt))}, ${progressText(run)}`,
    ),
    '',
    paint.bold(`Queued (${queued.length}; ${stats.queued} of ${stats.queuedCapacity} in all projects)`),
    ...rowsOf(
      queued,
      (run, index) => `place ${queued[index]!.position}, for ${formatElapsed(now() - Date.parse(run.queuedAt))}`,
    ),
    '',
    paint.bold('Ended last'),
    ...rowsOf(
      ended,
      (run) =>
        `${run.status.replace('_', ' ')} ${formatRelative(run.completedAt ?? run.queuedAt, now())}, ${progressText(run)}`,
    ),
    '',
    paint.dim(`${url}/runs`),
  ]);
  return exitCodes.passed;
}

async function showRun(
  host: Host,
  { runlight, now }: Connection,
  runId: string,
  options: StatusFlags,
): Promise<ExitCode> {
  const run = await runlight.runs.byId.query({ runId });
  const exitCode = options.exitStatus && isTerminal(run.status) ? exitCodeOfRun(run) : exitCodes.passed;
  const { items: failures } = await runlight.runs.cases.query({
    runId,
    status: ['failed', 'timed_out', 'interrupted'],
    limit: mostFailures + 1,
  });
  if (options.json) {
    host.stdout.write(`${toJsonLine({ ...run, failures, url: addressOfRun(runlight.url, runId) })}\n`);
    return exitCode;
  }
  const paint = createPaint(host, options.color);
  const elapsed = run.startedAt === null ? '' : ` for ${formatElapsed(now() - Date.parse(run.startedAt))}`;
  const commit = commitText(run);
  const { url } = runlight;
  printer(host)([
    isTerminal(run.status) ? paint.bold(verdictLine(run)) : paint.bold(verdictLine(run).replace(':', `${elapsed}:`)),
    ...(commit ? [commit] : []),
    ...(run.errorDetails === null ? [] : run.errorDetails.trimEnd().split('\n').slice(0, 20).map(cleanLine)),
    ...failures
      .slice(0, mostFailures)
      .flatMap((failure) => caseRows(failure, paint, addressOfCase(url, runId, failure.index))),
    ...(failures.length > mostFailures ? ['  and more'] : []),
    paint.dim(addressOfRun(url, runId)),
  ]);
  return exitCode;
}

type Failure = OutputOf<Runlight['runs']['cases']>['items'][number];

function caseRows({ script, file, line, project, title, error }: Failure, paint: Paint, address: string): string[] {
  const place = file ? `${file}${line === null ? '' : `:${line}`}` : (script ?? '');
  const name = [project && `[${project}]`, place, title].filter(Boolean).map((part) => cleanLine(String(part)));
  const message = error ? cleanLine(error.message) : '';
  return [
    `  ${paint.red(signs.failed)} ${name.join(' › ')}`,
    ...(message ? [`    ${message}`] : []),
    `    ${paint.dim(address)}`,
  ];
}
