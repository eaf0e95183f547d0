import { toast } from '#client/ui/toast.ts';
import { errorText, type ApiError } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { Dialog } from '#client/ui/dialog.tsx';
import { plural } from '#client/ui/format.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { statusLook } from '#client/runs/status/status-look.ts';

/**
 * Asks whether to cancel runs, then cancels them. `runs` are in their newest state, so that the dialog leaves out runs that
 * finish while it is open. A run that has finished when the request arrives is no error. `onAsked` gets the ids of the runs
 * that are being cancelled.
 */
export function CancelRuns({
  runs,
  onAsked,
  onClose,
}: {
  runs: readonly RunSummary[];
  onAsked?: (runIds: string[]) => void;
  onClose: () => void;
}) {
  const utils = api.useUtils();
  const cancel = api.runs.cancel.useMutation();
  const live = runs.filter((run) => !isTerminal(run.status));
  const [only] = runs.length === 1 ? runs : [];

  const confirm = async () => {
    const outcomes = await Promise.allSettled(live.map(({ id }) => cancel.mutateAsync({ runId: id })));
    const asked = live.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as ApiError] : []));
    const [refusal] = errors.filter((error) => error.data?.code !== 'CONFLICT');
    const tooLate = errors.length > 0 && !refusal;
    onAsked?.(asked.map(({ id }) => id));
    onClose();
    if (refusal) toast.error('The run was not cancelled', { description: errorText(refusal) });
    else if (tooLate) {
      const which = only ? `“${only.name}”` : plural(errors.length, 'run');
      toast.info(`${which} had finished meanwhile`, { description: 'There was nothing left to cancel.' });
    }
    for (const { id } of live) void utils.runs.byId.invalidate({ runId: id });
    void utils.runs.list.invalidate();
  };

  if (live.length === 0) {
    return (
      <Dialog title="Finished meanwhile" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
        <p className="wrap-anywhere">
          {only
            ? `“${only.name}” has finished (${statusLook[only.status].label.toLowerCase()}); there is nothing to cancel.`
            : 'All of these runs have finished; there is nothing to cancel.'}
        </p>
      </Dialog>
    );
  }
  const isOne = live.length === 1;
  return (
    <ConfirmDialog
      title={isOne ? 'Cancel this run?' : `Cancel ${live.length} runs?`}
      action={isOne ? 'Cancel run' : `Cancel ${live.length} runs`}
      keep={isOne ? 'Keep it going' : 'Keep them going'}
      busy={cancel.isPending}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p className="wrap-anywhere">
        {isOne
          ? `“${live[0]?.name}” ${whatHappens(live[0])}; its output so far is kept.`
          : 'Runs that have started stop at once; queued runs will not start. Their output so far is kept.'}
      </p>
    </ConfirmDialog>
  );
}

function whatHappens(run: RunSummary | undefined): string {
  if (run?.status === 'queued') return 'will not start';
  return run?.origin === 'reporter' ? 'stops where it runs, within seconds' : 'stops at once';
}
