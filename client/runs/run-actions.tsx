import { useNavigate } from '@tanstack/react-router';
import { Ban, FileChartColumn, RotateCcw } from 'lucide-react';
import { toast } from 'sonner';
import { api, errorText } from '#client/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { useStartRun } from './use-start-run.ts';

type Size = 'sm' | 'md';

export function CancelRun({ run, size = 'md' }: { run: RunSummary; size?: Size }) {
  const utils = api.useUtils();
  const cancel = api.runs.cancel.useMutation({
    onSuccess: () => utils.runs.byId.invalidate({ runId: run.id }),
    onError: (error) => void toast.error('The run was not cancelled', { description: errorText(error) }),
  });
  if (isTerminal(run.status)) return null;
  // Between the request and the end of the run there is nothing more to ask for.
  const asked = cancel.isPending || cancel.isSuccess;
  return (
    <Button variant="danger" size={size} busy={asked} onClick={() => cancel.mutate({ runId: run.id })}>
      {!asked && <Ban aria-hidden className="size-4" />} {asked ? 'Cancelling' : 'Cancel run'}
    </Button>
  );
}

/** Runs the same frozen scripts again and goes to the new run. */
export function RetryRun({ run }: { run: RunSummary }) {
  const navigate = useNavigate();
  const { retry } = useStartRun();
  if (!isTerminal(run.status)) return null;
  const start = () =>
    retry.mutate(
      { runId: run.id },
      { onSuccess: ({ runId }) => void navigate({ to: '/runs/$runId', params: { runId } }) },
    );
  return (
    <Button variant="primary" busy={retry.isPending} onClick={start}>
      {!retry.isPending && <RotateCcw aria-hidden className="size-4" />} Retry
    </Button>
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
