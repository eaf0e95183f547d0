import { type PartPhase, partPhases } from '#shared/part-phases.ts';
import type { PartState } from '#shared/run-cases.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import { plural } from '#client/ui/format.ts';

export interface StartPhase {
  name: string;
  /** ISO. Null: it has not begun. */
  begun: string | null;
  /** ISO; null while it goes on; undefined: it is over, but when is not known. */
  ended: string | null | undefined;
  note?: string | undefined;
}

const names = {
  fetch: 'Fetch from git',
  install: 'Install',
  sandbox: 'Sandbox',
  compile: 'Compile',
  browser: 'Browser',
  cases: 'First test',
} satisfies Record<PartPhase, string>;

/** What happens before the first test runs: only phases that the server reports, with the times that it knows. */
export function startPhases(
  run: { queuedAt: string; startedAt: string | null },
  { parts, total, counts }: Pick<RunCases, 'parts' | 'total' | 'counts'>,
): StartPhase[] {
  const startedAt = run.startedAt ?? parts.find((part) => part.startedAt)?.startedAt ?? null;
  const executor = parts.find((part) => part.executor)?.executor;
  const on = executor ? `on ${executor}` : undefined;
  const isListed = parts.some(({ casesHash }) => casesHash !== null);
  const listed = isListed ? plural(total, 'test') : undefined;
  const known = furthest(parts).phases ?? [];
  const queued: StartPhase = { name: 'Queued', begun: run.queuedAt, ended: known[0]?.at ?? startedAt };
  if (known.length === 0)
    return [
      queued,
      { name: 'Preparing', begun: startedAt, ended: isListed ? undefined : null, note: on },
      { name: 'Tests listed', begun: isListed ? startedAt : null, ended: isListed ? undefined : null, note: listed },
      { name: names.cases, begun: counts.running > 0 ? startedAt : null, ended: null },
    ];
  return [
    queued,
    ...known.map(({ phase, at }, index) => ({
      name: names[phase],
      begun: at,
      ended: known[index + 1]?.at ?? null,
      note: phase === 'compile' ? listed : index === 0 ? on : undefined,
    })),
    ...partPhases
      .slice(partPhases.indexOf(known.at(-1)!.phase) + 1)
      .map((phase) => ({ name: names[phase], begun: null, ended: null })),
  ];
}

/** The part that is next to its first test. */
function furthest(parts: readonly PartState[]): Pick<PartState, 'phases'> {
  const placeOf = ({ phases }: Pick<PartState, 'phases'>) => partPhases.indexOf(phases?.at(-1)?.phase ?? 'fetch');
  return parts.reduce<Pick<PartState, 'phases'>>(
    (best, part) => ((best.phases ?? []).length === 0 || placeOf(part) > placeOf(best) ? part : best),
    {},
  );
}
