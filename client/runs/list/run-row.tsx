import { Link } from '@tanstack/react-router';
import { Ban, LoaderCircle, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import type { RowPlace } from '#client/ui/long-table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { progressText } from './progress-text.ts';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { triggerText } from '#client/runs/status/trigger-text.ts';

/** A run younger than this slides in; an older row appears at once. */
const newForMs = 4_000;

/** A run in the list; the whole row links to it. */
export function RunRow({
  run,
  place,
  editable,
  selected,
  onToggle,
  cancelling,
  onCancel,
  onRetry,
}: {
  run: RunSummary;
  place: RowPlace;
  editable: boolean;
  selected: boolean;
  /** `range`: toggles all rows from the last toggled one to this one. */
  onToggle: (run: RunSummary, range: boolean) => void;
  cancelling: boolean;
  onCancel: (run: RunSummary) => void;
  onRetry: (run: RunSummary) => void;
}) {
  const [arrives] = useState(() => Date.now() - Date.parse(run.queuedAt) < newForMs);
  const live = !isTerminal(run.status);
  const began = run.startedAt ?? run.queuedAt;
  return (
    <tr
      {...place}
      aria-selected={editable ? selected : undefined}
      className={`relative h-16 ${selected ? 'bg-busy-tint' : 'hover:bg-hover'} ${arrives ? 'animate-arrive' : ''}`}
    >
      {editable && (
        <td className="pl-4">
          <input
            type="checkbox"
            aria-label={`Select ${run.name}`}
            checked={selected}
            onChange={(event) => onToggle(run, (event.nativeEvent as MouseEvent).shiftKey)}
            className="relative z-10 size-4 align-middle accent-ink"
          />
        </td>
      )}
      <td className={editable ? 'px-2' : 'pr-2 pl-4'}>
        <StatusBadge status={run.status} compact />
      </td>
      <td className="px-2">
        <Link to="/runs/$runId" params={{ runId: run.id }} className="row-link block truncate font-medium">
          <bdi>{run.name}</bdi>
        </Link>
        <span className="block truncate text-muted">
          <span className="@3xl:hidden">{progressText(run)} · </span>
          <span className="@max-4xl:hidden">{run.kind === 'job' ? 'Job' : 'Test'}, </span>
          <span className="@max-xl:hidden">{triggerText(run)}</span>
          <span className="@4xl:hidden">
            <span className="@max-xl:hidden">, </span>
            <RelativeTime iso={began} />
          </span>
        </span>
      </td>
      <td className="hidden truncate px-2 text-muted tabular-nums @3xl:table-cell">
        <Progress run={run} />
      </td>
      <td className="hidden px-2 text-right @xl:table-cell">
        <RunDuration run={run} />
      </td>
      <td className="hidden px-2 text-right text-muted last:pr-4 @4xl:table-cell">
        <RelativeTime iso={began} />
      </td>
      {editable && (
        <td className="pr-2.5 text-right">
          {live ? (
            <Button
              variant="ghost"
              size="icon"
              disabled={cancelling}
              aria-label={cancelling ? `Cancelling ${run.name}` : `Cancel ${run.name}`}
              title={cancelling ? 'Cancelling' : 'Cancel'}
              className="relative z-10"
              onClick={() => onCancel(run)}
            >
              {cancelling ? (
                <LoaderCircle aria-hidden className="size-4 animate-spin" />
              ) : (
                <Ban aria-hidden className="size-4" />
              )}
            </Button>
          ) : (
            <Button
              variant="ghost"
              size="icon"
              aria-label={`Retry ${run.name}`}
              title="Retry"
              className="relative z-10"
              onClick={() => onRetry(run)}
            >
              <RotateCcw aria-hidden className="size-4" />
            </Button>
          )}
        </td>
      )}
    </tr>
  );
}

function Progress({ run }: { run: RunSummary }) {
  const done = run.passed + run.failed + run.skipped;
  const text = progressText(run);
  const part = (count: number) => ({ width: `${(100 * count) / Math.max(1, run.total)}%` });
  return (
    <>
      <span className="block truncate" title={text}>
        {text}
      </span>
      {run.status === 'running' && run.total > 1 && (
        <span aria-hidden className="mt-1 flex h-1 overflow-hidden rounded-full bg-line">
          <span className="bg-good" style={part(run.passed)} />
          <span className="bg-bad" style={part(run.failed)} />
          <span className="bg-line-strong" style={part(done - run.passed - run.failed)} />
        </span>
      )}
    </>
  );
}
