import { Check, LoaderCircle } from 'lucide-react';
import type { Outputs } from '#client/query/trpc.ts';
import { formatDuration } from '#client/ui/format.ts';
import { Elapsed } from '#client/ui/time.tsx';
import { plural } from '#client/ui/format.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';

interface Phase {
  name: string;
  /** ISO. Null: it has not begun. */
  begun: string | null;
  /** ISO; null while it goes on; undefined: it is over, but when is not known. */
  ended: string | null | undefined;
  note?: string | undefined;
}

/** What happens before the first test runs: only phases that the server tells of, with the times that it knows. */
export default function RunStart({ run, cases }: { run: Outputs['runs']['byId']; cases: RunCases }) {
  const { counts, parts, total } = cases;
  const isListed = parts.some(({ casesHash }) => casesHash !== null);
  const startedAt = run.startedAt ?? parts.find((part) => part.startedAt)?.startedAt ?? null;
  const executor = parts.find((part) => part.executor)?.executor;
  const phases: Phase[] = [
    { name: 'Queued', begun: run.queuedAt, ended: startedAt },
    {
      name: 'Preparing',
      begun: startedAt,
      ended: isListed ? undefined : null,
      note: executor ? `on ${executor}` : undefined,
    },
    {
      name: 'Tests listed',
      begun: isListed ? startedAt : null,
      ended: isListed ? undefined : null,
      note: isListed ? plural(total, 'test') : undefined,
    },
    { name: 'First test', begun: counts.running > 0 ? startedAt : null, ended: null },
  ];
  return (
    <ol aria-label="Start of the run" className="flex flex-wrap items-center gap-x-5 gap-y-1 text-sm">
      {phases.map(({ name, begun, ended, note }) => (
        <li key={name} className={`flex items-center gap-1.5 ${begun === null ? 'text-muted' : ''}`}>
          {begun === null ? (
            <span aria-hidden className="size-3.5 rounded-full border border-line-strong" />
          ) : ended === null ? (
            <LoaderCircle aria-hidden className="size-3.5 animate-spin text-busy" />
          ) : (
            <Check aria-hidden className="size-3.5 text-good" />
          )}
          {name}
          <span className="text-muted tabular-nums">
            {begun && ended && formatDuration(Math.max(0, Date.parse(ended) - Date.parse(begun)))}
            {begun && ended === null && <Elapsed since={begun} />}
            {note && ` ${note}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
