import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { formatElapsed } from '#client/ui/format.ts';
import { timeLeftText } from '#shared/time-left.ts';
import { type Paint, signs } from '#sdk/cli/text/paint.ts';
import { firstErrorLine } from '#shared/run-export/error-text.ts';
import { caseLine } from '#sdk/cli/model/case-text.ts';
import { progressOf } from '#sdk/cli/model/progress.ts';
import { type CaseView, isFailing, type RunModel } from '#sdk/cli/model/run-model.ts';
import { addressOfRun, commitText, runTitle } from '#shared/run-export/run-words.ts';

export interface FrameOptions {
  paint: Paint;
  columns: number;
  rows: number;
  /** Epoch ms on Runlight's clock. */
  now: number;
  /** Counts frames. */
  tick: number;
  url: string;
  /** Messages and questions to the user. */
  notices: readonly string[];
}

/** A case that runs for this long is shown with its time. */
const longMs = 1_000;

/**
 * What the screen shows of a run, at most as many lines as it has, none wider than it is: who, how far, what runs, what
 * failed. Costs the same for a run of ten cases and of ten thousand.
 */
export function frameOf(model: RunModel, options: FrameOptions): string[] {
  const { paint, columns, rows, tick, now, notices } = options;
  // The last column stays empty: terminals that are made narrower then break fewer lines.
  const width = Math.max(10, columns - 1);
  const spinner = signs.spinner[tick % signs.spinner.length]!;
  const head = headOf(model, options, width, spinner);
  const foot = notices.map((text) => paint.yellow(text));
  const room = Math.max(0, rows - 1 - head.length - foot.length - 1);
  const failing = lastOf(model.notable, isFailing, room);
  const forFailures = Math.min(failing.count + 1, Math.ceil(room / 2));
  const running = runningLines(model, room - (failing.count > 0 ? forFailures : 0), { paint, now, spinner, width });
  const failures = failing.count > 0 ? failureLines(failing, room - running.length, paint) : [];
  return [...head, ...running, ...failures, ...foot]
    .slice(0, Math.max(1, rows - 1))
    .map((line) => cliTruncate(line, width));
}

function headOf(model: RunModel, { paint, now, url }: FrameOptions, width: number, spinner: string): string[] {
  const { run, status, startedAt } = model;
  const since = startedAt ?? Date.parse(run.queuedAt);
  const elapsed = Math.max(0, now - since);
  const left = startedAt !== undefined && run.expectedDuration !== null && timeLeftText(elapsed, run.expectedDuration);
  const title = runTitle(run);
  const line = [
    `${paint.cyan(spinner)} ${paint.bold(`${title[4]!.toUpperCase()}${title.slice(5)}`)}`,
    status,
    formatElapsed(elapsed),
    left,
  ];
  const commit = commitText(run);
  return [
    line.filter(Boolean).join(paint.dim(' · ')),
    paint.dim(addressOfRun(url, run.id)),
    ...(commit ? [paint.dim(commit)] : []),
    ...shardsLine(model, paint),
    progressLine(model, width, paint),
    '',
  ];
}

/** `4 shards: 3 running, 1 passed`; nothing of a run without shards. */
function shardsLine({ run, parts }: RunModel, paint: Paint): string[] {
  if (run.parts.length < 2) return [];
  const counts = new Map<string, number>();
  for (const { part, status } of run.parts) {
    const now = parts.get(part)?.status ?? status;
    counts.set(now, (counts.get(now) ?? 0) + 1);
  }
  const texts = [...counts].map(([status, count]) => `${count} ${status.replace('_', ' ')}`);
  return [paint.dim(`${run.parts.length} shards: ${texts.join(', ')}`)];
}

/** With a bar, if there is room for one. */
function progressLine(model: RunModel, width: number, paint: Paint): string {
  const text = progressOf(model);
  const room = Math.min(40, width - text.length - 1);
  return room < 10 ? text : `${barOf(model, room, paint)} ${text}`;
}

function barOf({ counts, done, total }: RunModel, width: number, paint: Paint): string {
  const cells = (count: number) => (total === 0 ? 0 : Math.min(width, Math.round((count / total) * width)));
  const all = cells(done);
  // One failure among thousands is seen, too.
  const failed = Math.min(all, counts.failed > 0 ? Math.max(1, cells(counts.failed)) : 0);
  const passed = signs.done.repeat(all - failed);
  return `${paint.red(signs.done.repeat(failed))}${paint.green(passed)}${paint.dim(signs.left.repeat(width - all))}`;
}

function runningLines(
  { running }: RunModel,
  room: number,
  { paint, now, spinner, width }: { paint: Paint; now: number; spinner: string; width: number },
): string[] {
  if (running.size === 0 || room < 1) return [];
  const shown = running.size <= room ? running.size : room - 1;
  const lines: string[] = [];
  for (const view of running.values()) {
    if (lines.length === shown) break;
    const ms = now - view.begunAt;
    const remarks = [
      ms >= longMs && formatElapsed(ms),
      view.attempt > 0 && `attempt ${view.attempt + 1}`,
      view.part !== undefined && `shard ${view.part + 1}`,
    ];
    const text = remarks.filter(Boolean).join(', ');
    const name = cliTruncate(view.name, Math.max(1, width - stringWidth(text) - 3), { position: 'middle' });
    lines.push(`${paint.cyan(spinner)} ${name}${text && paint.dim(` ${text}`)}`);
  }
  const others = running.size - shown;
  return others > 0 ? [...lines, paint.dim(`  and ${others.toLocaleString()} more running`)] : lines;
}

interface Failing {
  /** The newest ones, at most as many as asked for. */
  newest: CaseView[];
  count: number;
}

function lastOf(views: RunModel['notable'], isWanted: (view: CaseView) => boolean, most: number): Failing {
  const newest: CaseView[] = [];
  let count = 0;
  for (const view of views.values()) {
    if (!isWanted(view)) continue;
    count += 1;
    newest.push(view);
    if (newest.length > most) newest.shift();
  }
  return { newest, count };
}

function failureLines({ newest, count }: Failing, room: number, paint: Paint): string[] {
  if (room < 2) return [];
  const shown = newest.slice(-(count <= room - 1 ? room - 1 : room - 2));
  const others = count - shown.length;
  return [
    '',
    ...(others > 0 && room > 2 ? [paint.dim(`  ${others.toLocaleString()} more failed before:`)] : []),
    ...shown.map((view) => {
      const error = firstErrorLine(view);
      return `${caseLine(view, paint)}${error && paint.dim(` ${error}`)}`;
    }),
  ];
}
