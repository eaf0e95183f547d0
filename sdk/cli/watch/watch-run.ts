import { CliError } from '#sdk/cli/process/cli-error.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { type Host, isInteractive } from '#sdk/cli/process/host.ts';
import { formatDuration } from '#client/ui/format.ts';
import type { Connection } from '#sdk/cli/config/connect.ts';
import { type ReportOptions, writeReports } from '#sdk/cli/reports/write-reports.ts';
import { createPaint } from '#sdk/cli/text/paint.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { followRun } from './follow-run.ts';
import { createInterrupts } from './interrupts.ts';
import { createJsonView } from './json-view.ts';
import { createLinesView } from './lines-view.ts';
import { createLiveView } from './live-view.ts';
import { addressOfRun } from '#shared/run-export/run-words.ts';

export interface WatchOptions extends ReportOptions {
  json?: boolean | undefined;
  log?: boolean | undefined;
  verbose?: boolean | undefined;
  color?: boolean | undefined;
  timeoutMs?: number | undefined;
}

export interface WatchedRun {
  connection: Connection;
  run: Run;
  /** This command has started it. */
  isOurs: boolean;
  /** The user has interrupted the command before. */
  isInterrupted?: boolean;
}

/**
 * Shows a run until it is over and answers its exit code. A run that this command has started (`isOurs`) ends with it: a
 * time limit, an interrupt without a terminal, and an interrupt with a terminal if the user wants it, cancel the run.
 */
export async function watchRun(
  host: Host,
  { connection, run, isOurs, isInterrupted = false }: WatchedRun,
  options: WatchOptions,
): Promise<ExitCode> {
  const { runlight, now } = connection;
  const { url } = runlight;
  const address = addressOfRun(url, run.id);
  const paint = createPaint(host, options.color);
  const viewOptions = { host, paint, url, now, log: options.log ?? false, verbose: options.verbose ?? false };
  const live = !options.json && isInteractive(host) ? createLiveView(viewOptions) : undefined;
  const view = live ?? (options.json ? createJsonView(host, url) : createLinesView(viewOptions));
  connection.onConnectionChange((lost) => view.connection(lost));

  const abort = new AbortController();
  const cancel = async () => {
    try {
      await runlight.runs.cancel.mutate({ runId: run.id }, { signal: abort.signal });
    } catch (error) {
      if (!abort.signal.aborted) view.notice(`The run could not be cancelled: ${(error as Error).message}`);
    }
  };
  const leave = () => abort.abort(new CliError(`Left; the run goes on: ${address}`, exitCodes.cancelled));
  const interrupts = createInterrupts(host, { live, notice: view.notice, cancel: isOurs ? cancel : undefined, leave });
  const timer =
    options.timeoutMs === undefined ? undefined : setTimeout(() => void giveUp(options.timeoutMs!), options.timeoutMs);
  const giveUp = async (timeoutMs: number) => {
    if (isOurs) await cancel();
    const end = isOurs ? 'it has been cancelled' : 'it goes on';
    const message = `The run has not ended within ${formatDuration(timeoutMs)} (--timeout); ${end}: ${address}`;
    abort.abort(new CliError(message, exitCodes.timedOut));
  };
  try {
    const following = followRun(runlight, run, { view, signal: abort.signal });
    if (isInterrupted) interrupts.interrupt();
    const followed = await following;
    clearTimeout(timer);
    view.end(followed.run, followed.again);
    await writeReports(host, runlight, followed, options, { isQuiet: options.json ?? false });
    return exitCodeOfRun(followed.run);
  } finally {
    clearTimeout(timer);
    interrupts.close();
    view.close();
  }
}
