import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import { formatBytes } from '#client/ui/format.ts';
import { RelativeTime } from '#client/ui/time.tsx';

type Baseline = Outputs['snapshots']['list']['items'][number];

/** The accepted baselines of a test, which an editor can remove. */
export default function Baselines({ testId, readOnly }: { testId: string; readOnly: boolean }) {
  const { data } = api.snapshots.list.useQuery({ testId });
  const [removing, setRemoving] = useState<Baseline>();
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-label="Baselines" className="text-sm">
      <h3 className="mb-1 font-medium">Baselines</h3>
      <ul className="divide-y divide-line">
        {data.items.map((baseline) => (
          <li key={baseline.path} className="flex min-h-10 flex-wrap items-center gap-x-3 py-1">
            <span className="min-w-0 flex-1 break-all">{baseline.path}</span>
            <span className="text-muted">
              {formatBytes(baseline.bytes)}, accepted by {baseline.acceptedBy}{' '}
              <RelativeTime iso={baseline.acceptedAt} />
            </span>
            {baseline.runId && (
              <Link to="/runs/$runId" params={{ runId: baseline.runId }} className="link">
                Run
              </Link>
            )}
            {!readOnly && (
              <Button
                size="sm"
                variant="ghost"
                aria-label={`Remove the baseline ${baseline.path}`}
                onClick={() => setRemoving(baseline)}
              >
                Remove
              </Button>
            )}
          </li>
        ))}
      </ul>
      {removing && <RemoveBaseline testId={testId} path={removing.path} onClose={() => setRemoving(undefined)} />}
    </section>
  );
}

function RemoveBaseline({ testId, path, onClose }: { testId: string; path: string; onClose: () => void }) {
  const utils = api.useUtils();
  const remove = api.snapshots.remove.useMutation({
    onSuccess: () => {
      void utils.snapshots.list.invalidate({ testId });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Remove the baseline ${path}?`}
      action="Remove"
      busy={remove.isPending}
      problem={remove.error && errorText(remove.error)}
      onConfirm={() => remove.mutate({ testId, path })}
      onClose={onClose}
    >
      <p>The next run fails and takes a new one, which can be accepted on its page.</p>
    </ConfirmDialog>
  );
}
