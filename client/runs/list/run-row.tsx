import { Link } from '@tanstack/react-router';
import { Ban, CalendarClock, FlaskConical, FolderGit2, LoaderCircle, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { stripAnsi } from '#client/ui/ansi.ts';
import { Button } from '#client/ui/button.tsx';
import type { RowPlace } from '#client/ui/long-table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { progressText } from '#shared/verdict-text.ts';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { triggerLabels, triggerText } from '#client/runs/status/trigger-text.ts';
import { VerdictBar } from './verdict-bar.tsx';

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
  const began = run.startedAt ?? run.queuedAt;
  return (
    <tr
      {...place}
      aria-selected={editable ? selected : undefined}
      className={`relative h-14 @xl:h-10 ${selected ? 'bg-busy-tint' : 'hover:bg-hover'} ${arrives ? 'animate-arrive' : ''}`}
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
        <Name run={run} />
        <span className="block truncate text-muted @xl:hidden">
          {progressText(run)} · <RelativeTime iso={began} />
        </span>
      </td>
      <td className="hidden px-2 text-muted tabular-nums @3xl:table-cell">
        <VerdictBar run={run} />
      </td>
      <td className="hidden truncate px-2 text-muted @5xl:table-cell" title={triggerText(run)}>
        {run.triggeredBy ?? triggerLabels[run.trigger]}
      </td>
      <td className="hidden px-2 text-right @xl:table-cell">
        <RunDuration run={run} />
      </td>
      <td className="hidden px-2 text-right text-muted last:pr-4 @2xl:table-cell">
        <RelativeTime iso={began} />
      </td>
      {editable && (
        <td className="pr-2.5 text-right">
          <Action run={run} cancelling={cancelling} onCancel={onCancel} onRetry={onRetry} />
        </td>
      )}
    </tr>
  );
}

const kindLook = {
  test: { word: 'Test', icon: FlaskConical },
  job: { word: 'Job', icon: CalendarClock },
  suite: { word: 'Suite', icon: FolderGit2 },
};

/** What has run, its commit, and the first line of its error. */
function Name({ run }: { run: RunSummary }) {
  const { id, kind, name, errorDetails } = run;
  const { word, icon: Icon } = kindLook[kind];
  const error = errorDetails && stripAnsi(errorDetails);
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Icon aria-hidden className="size-4 shrink-0 text-muted @max-xl:hidden" />
      <Link
        to="/runs/$runId"
        params={{ runId: id }}
        className="row-link shrink-0 truncate font-medium @max-xl:max-w-full @max-xl:shrink @xl:max-w-[70%]"
        title={`${word}: ${name}`}
      >
        <bdi>{name}</bdi>
      </Link>
      {run.branch !== null && (
        <bdi className="min-w-0 truncate text-[0.8125rem] text-muted @xl:hidden">{run.branch}</bdi>
      )}
      <RunCommit run={run} className={`@max-xl:hidden ${error ? 'max-w-[60%]' : ''}`} message={!error} />
      {error && (
        <span className="min-w-0 truncate text-[0.8125rem] text-muted @max-xl:hidden" title={error}>
          {error}
        </span>
      )}
    </span>
  );
}

function Action({
  run,
  cancelling,
  onCancel,
  onRetry,
}: {
  run: RunSummary;
  cancelling: boolean;
  onCancel: (run: RunSummary) => void;
  onRetry: (run: RunSummary) => void;
}) {
  if (isTerminal(run.status))
    return (
      <Button
        variant="ghost"
        size="icon"
        aria-label={`Retry ${run.name}`}
        title="Retry"
        className="relative z-10 align-middle"
        onClick={() => onRetry(run)}
      >
        <RotateCcw aria-hidden className="size-4" />
      </Button>
    );
  return (
    <Button
      variant="ghost"
      size="icon"
      disabled={cancelling}
      aria-label={cancelling ? `Cancelling ${run.name}` : `Cancel ${run.name}`}
      title={cancelling ? 'Cancelling' : 'Cancel'}
      className="relative z-10 align-middle"
      onClick={() => onCancel(run)}
    >
      {cancelling ? (
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
      ) : (
        <Ban aria-hidden className="size-4" />
      )}
    </Button>
  );
}
