import { useNavigate } from '@tanstack/react-router';
import { Ban, FileChartColumn, RotateCcw } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useIsGuest } from '#client/session/guest.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { CancelRuns } from './cancel-runs.tsx';
import { useStartRun } from './use-start-run.ts';

const RetryDialog = lazy(() => import('./retry-dialog.tsx'));

type Size = 'sm' | 'md';

/** Asks, then cancels. With `cancelRequestedAt` in the run, the button says that the run is being cancelled. */
export function CancelRun({
  run,
  size = 'md',
}: {
  run: RunSummary & { cancelRequestedAt?: string | null };
  size?: Size;
}) {
  const mayEdit = useMayEdit();
  const [asking, setAsking] = useState(false);
  const [asked, setAsked] = useState(false);
  const live = !isTerminal(run.status);
  const cancelling = live && (asked || run.cancelRequestedAt != null || run.cancelRequestedBy !== null);
  return (
    <>
      {live && mayEdit && (
        <Button variant="danger" size={size} busy={cancelling} onClick={() => setAsking(true)}>
          {!cancelling && <Ban aria-hidden className="size-4" />} {cancelling ? 'Cancelling' : 'Cancel run'}
        </Button>
      )}
      {asking && (
        <CancelRuns runs={[run]} onAsked={(runIds) => setAsked(runIds.length > 0)} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

/** How to run a reported run again, where it came from. */
function RetryElsewhere({ run, size }: { run: RunSummary; size: Size }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size={size} onClick={() => setOpen(true)}>
        <RotateCcw aria-hidden className="size-4" /> Retry…
      </Button>
      {open && (
        <Suspense>
          <RetryDialog run={run} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Runs the cases of this run again, all or only those that failed or have no result, and opens the new run. */
export function RetryRun({ run, size = 'md' }: { run: RunSummary; size?: Size }) {
  const navigate = useNavigate();
  const mayEdit = useMayEdit();
  const { retry } = useStartRun();
  const isGuest = useIsGuest();
  if (!isTerminal(run.status) || isGuest) return null;
  if (run.origin === 'reporter') return <RetryElsewhere run={run} size={size} />;
  if (!mayEdit) return null;
  const start = (failedOnly: boolean) =>
    retry.mutate(
      { runId: run.id, failedOnly },
      { onSuccess: ({ runId }) => void navigate({ to: '/runs/$runId', params: { runId } }) },
    );
  const { total, passed, failed, skipped, notRun, quarantined } = run;
  const withoutResult = total - passed - failed - quarantined - (skipped - notRun);
  const some = failed + withoutResult > 0 && failed + withoutResult < total;
  return (
    <>
      {some && (
        <Button
          size={size}
          disabled={retry.isPending}
          title={failed > 0 && withoutResult > 0 ? `And ${withoutResult.toLocaleString()} without a result` : undefined}
          onClick={() => start(true)}
        >
          <RotateCcw aria-hidden className="size-4" /> Retry {failed > 0 ? 'failed' : 'the rest'} (
          {(failed || withoutResult).toLocaleString()})
        </Button>
      )}
      <Button variant="primary" size={size} busy={retry.isPending} onClick={() => start(false)}>
        {!retry.isPending && <RotateCcw aria-hidden className="size-4" />} {some ? 'Retry all' : 'Retry'}
      </Button>
    </>
  );
}

export function ReportLink({ run, size = 'md' }: { run: RunSummary; size?: Size }) {
  if (!run.reportPath) return null;
  return (
    <a href={run.reportPath} target="_blank" rel="noreferrer" className={buttonClass('secondary', size)}>
      <FileChartColumn aria-hidden className="size-4" /> Open report
      <span className="sr-only">(in a new tab)</span>
    </a>
  );
}
