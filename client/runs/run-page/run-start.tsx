import { Check, LoaderCircle } from 'lucide-react';
import type { Outputs } from '#client/query/trpc.ts';
import { formatDuration } from '#client/ui/format.ts';
import { Elapsed } from '#client/ui/time.tsx';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import { startPhases } from './start-phases.ts';

/** What happens before the first test runs, each phase with its time. */
export default function RunStart({ run, cases }: { run: Outputs['runs']['byId']; cases: RunCases }) {
  return (
    <ol aria-label="Start of the run" className="flex flex-wrap items-center gap-x-5 gap-y-1 text-sm">
      {startPhases(run, cases).map(({ name, begun, ended, note }) => (
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
