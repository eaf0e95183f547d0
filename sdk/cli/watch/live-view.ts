import type { Host } from '#sdk/cli/process/host.ts';
import { cleanText } from '#shared/clean-text.ts';
import type { Paint } from '#sdk/cli/text/paint.ts';
import { failureBlock } from '#sdk/cli/model/case-text.ts';
import { frameOf } from './frame.ts';
import { createOutageNotice } from './outage-notice.ts';
import { isFailing, type RunModel } from '#sdk/cli/model/run-model.ts';
import { addressOfCase, addressOfRun } from '#shared/run-export/run-words.ts';
import { summaryText } from '#sdk/cli/model/run-text.ts';
import type { RunView } from './run-view.ts';
import { Screen } from './screen.ts';

const frameMs = 100;
/** Failures that are printed whole, above the live part. The others are named at the end. */
const mostBlocks = 20;

export interface LiveView extends RunView {
  /** A question that stands below everything until it is answered; undefined: none. */
  ask(question: string | undefined): void;
  /** Draws everything anew. */
  redraw(): void;
}

export interface LiveOptions {
  host: Host;
  paint: Paint;
  url: string;
  now(): number;
  /** Prints what the tests print. */
  log: boolean;
}

/** Redraws a list of what runs and what failed. Failures are printed above it with their errors, where they stay. */
export function createLiveView({ host, paint, url, now, log }: LiveOptions): LiveView {
  const screen = new Screen(host.stdout);
  let model: RunModel | undefined;
  let tick = 0;
  let above = '';
  let blocks = 0;
  let outageText: string | undefined;
  let question: string | undefined;
  let lastNotice: string | undefined;
  const outage = createOutageNotice((text) => {
    outageText = text;
  });
  const draw = () => {
    if (!model) return;
    const { columns, rows } = screen;
    const notices = [outageText, lastNotice, question].filter((text) => text !== undefined);
    const lines = frameOf(model, { paint, columns, rows, now: now(), tick, url, notices });
    const printed = above;
    above = '';
    screen.draw(lines, printed);
  };
  const timer = setInterval(() => {
    tick += 1;
    draw();
  }, frameMs);
  host.stdout.on('resize', draw);

  return {
    types: ['status', 'part', 'case', 'test', ...(log ? (['log'] as const) : [])],
    begin(begun) {
      model = begun;
      draw();
    },
    show(event, changed) {
      if (changed && isFailing(changed)) {
        blocks += 1;
        if (blocks <= mostBlocks)
          above += `${failureBlock(changed, paint, addressOfCase(url, model!.run.id, changed.index))}\n`;
        if (blocks === mostBlocks)
          above += `${paint.dim(`Errors of more failures: ${addressOfRun(url, model!.run.id)}`)}\n`;
      }
      if (event.type === 'log' && event.text.trim() !== '')
        above += `${cleanText(event.text, { colors: paint.isColorSupported }).trimEnd()}\n`;
    },
    connection(lost) {
      outage.change(lost);
      if (lost === undefined) outageText = undefined;
    },
    notice(text) {
      lastNotice = text;
      draw();
    },
    ask(text) {
      question = text;
      draw();
    },
    redraw: () => screen.redraw(),
    end(run, again) {
      draw();
      clearInterval(timer);
      screen.draw([], `${summaryText(run, model!, { paint, url, again })}`);
    },
    close() {
      clearInterval(timer);
      host.stdout.off('resize', draw);
      outage.close();
      screen.close();
    },
  };
}
