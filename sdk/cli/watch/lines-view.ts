import { formatElapsed } from '#client/ui/format.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { cleanLine, cleanText, withoutCiCommands } from '#shared/clean-text.ts';
import type { Paint } from '#sdk/cli/text/paint.ts';
import { caseLine, failureBlock } from '#sdk/cli/model/case-text.ts';
import { createOutageNotice } from './outage-notice.ts';
import { progressOf } from '#sdk/cli/model/progress.ts';
import { type CaseView, isFailing, type PartEvent, type RunEvent, type RunModel } from '#sdk/cli/model/run-model.ts';
import { addressOfCase, addressOfRun, commitText, runTitle } from '#shared/run-export/run-words.ts';
import { summaryText } from '#sdk/cli/model/run-text.ts';
import type { RunView } from './run-view.ts';

/** Between two lines of progress at least, and at most where nothing else happens: some CIs end a job that is silent. */
const progressMs = 10_000;
const silenceMs = 60_000;
/** Failures that are printed whole. */
const mostBlocks = 50;

export interface LinesOptions {
  host: Host;
  paint: Paint;
  url: string;
  now(): number;
  /** Prints each case as it ends. */
  verbose: boolean;
  /** Prints what the tests print. */
  log: boolean;
}

/** Appends lines, for the log of a CI or a file. */
export function createLinesView({ host, paint, url, now, verbose, log }: LinesOptions): RunView {
  let model: RunModel;
  let blocks = 0;
  const shownParts = new Map<number, string>();
  let saidAt = performance.now();
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  const write = (text: string) => {
    saidAt = performance.now();
    host.stdout.write(`${withoutCiCommands(text)}\n`);
  };
  const notice = (text: string) => void host.stderr.write(`${withoutCiCommands(text)}\n`);
  const outage = createOutageNotice(notice);

  function progress() {
    const elapsed = formatElapsed(now() - (model.startedAt ?? Date.parse(model.run.queuedAt)));
    const text = progressOf(model);
    if (performance.now() - saidAt < (text === said ? silenceMs : progressMs) - 500) return;
    said = text;
    write(paint.dim(`[${elapsed}] ${text}`));
  }

  function showCase(view: CaseView) {
    if (isFailing(view) || (view.quarantined && view.errors.length > 0)) {
      blocks += 1;
      if (blocks <= mostBlocks) write(failureBlock(view, paint, addressOfCase(url, model.run.id, view.index)));
      else write(caseLine(view, paint));
      if (blocks === mostBlocks) write(paint.dim(`Errors of more failures: ${addressOfRun(url, model.run.id)}`));
    } else if (view.flaky || (verbose && view.status !== 'running')) write(caseLine(view, paint));
  }

  function showStatus({ status }: Extract<RunEvent, { type: 'status' }>) {
    const isReported = model.run.origin === 'reporter';
    if (status === 'queued') write(isReported ? 'Waiting for its reporter …' : 'Waiting for a worker …');
    if (status === 'running') write('Running …');
  }

  /** Says of each shard, or of a run without, where it is executed, and of a shard how it ends. */
  function showPart({ part, status, executor, phase }: PartEvent) {
    const isSharded = model.run.parts.length > 1;
    if (phase === 'fetch') return write(isSharded ? `Shard ${part + 1} fetches the suite …` : 'Fetching the suite …');
    if (phase === 'install') return write(isSharded ? `Shard ${part + 1} installs …` : 'Installing …');
    if (!isSharded && status !== 'running') return;
    const name = isSharded ? `Shard ${part + 1} of ${model.run.parts.length}` : '';
    const place = executor === null ? '' : `on ${cleanLine(executor)}`;
    const text = [name, status.replace('_', ' '), place].filter(Boolean).join(' ');
    if (place === '' || shownParts.get(part) === text) return;
    shownParts.set(part, text);
    write(paint.dim(text[0]!.toUpperCase() + text.slice(1)));
  }

  return {
    types: ['status', 'part', 'case', 'test', ...(log ? (['log'] as const) : [])],
    begin(begun) {
      model = begun;
      const { run } = model;
      write(`Watching ${runTitle(run)}: ${addressOfRun(url, run.id)}`);
      const commit = commitText(run);
      if (commit) write(commit);
      timer = setInterval(progress, 1_000);
    },
    show(event, changed) {
      if (changed) showCase(changed);
      if (event.type === 'status') showStatus(event);
      if (event.type === 'part') showPart(event);
      if (event.type === 'log' && event.text.trim() !== '')
        write(cleanText(event.text, { colors: paint.isColorSupported }).trimEnd());
    },
    connection: (lost) => outage.change(lost),
    notice,
    end(run, again) {
      write(`\n${summaryText(run, model, { paint, url, again })}`);
    },
    close() {
      clearInterval(timer);
      outage.close();
    },
  };
}
