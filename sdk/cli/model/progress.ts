import { type PartPhase, partPhases } from '#shared/part-phases.ts';
import { progressText } from '#shared/verdict-text.ts';
import type { RunModel } from './run-model.ts';

const phaseTexts = {
  fetch: 'fetching',
  install: 'installing',
  sandbox: 'making the sandbox',
  compile: 'compiling',
  browser: 'starting the browser',
} satisfies Record<Exclude<PartPhase, 'cases'>, string>;

/** How far a run that goes on is: `12 of 40 done, 2 failed, 3 running`. */
export function progressOf(model: RunModel): string {
  const { counts, total, running, done, status, run } = model;
  if (status === 'queued') return run.origin === 'worker' ? 'queued: waiting for a worker' : 'queued';
  const starting = startingText(model);
  if (starting !== '' && running.size + done === 0) return starting;
  const text = progressText({ ...counts, total, notRun: 0, status: 'running' });
  return [text, running.size > 0 && `${running.size.toLocaleString()} running`, starting].filter(Boolean).join(', ');
}

/** What parts do that run no case yet: `installing`, or of several `2 shards installing, 1 shard compiling`. */
function startingText({ phases, run }: RunModel): string {
  const texts = partPhases.flatMap((phase) => {
    const count = [...phases.values()].filter((now) => now === phase).length;
    if (count === 0 || phase === 'cases') return [];
    return run.parts.length < 2
      ? phaseTexts[phase]
      : `${count} ${count === 1 ? 'shard' : 'shards'} ${phaseTexts[phase]}`;
  });
  return texts.join(', ');
}
