import { useState } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { ConfirmDialog } from '#client/ui/confirm-dialog.tsx';
import type { ComparedSnapshot } from './compared-snapshots.ts';
import { DownloadBaseline } from './download-baseline.tsx';
import { ImageDiff } from './image-diff.tsx';

/** What cases of a run were compared with, and what was taken, which an editor accepts as the baseline; of a suite it is downloaded. */
export default function SnapshotComparisons({
  runId,
  ofSuite,
  compared,
}: {
  runId: string;
  /** Its baselines are in the suite's own repository. */
  ofSuite: boolean;
  compared: readonly ComparedSnapshot[];
}) {
  return (
    <ul aria-label="Comparisons with baselines" className="space-y-5">
      {compared.map((snapshot) => (
        <li key={snapshot.key} className="min-w-0">
          <div className="mb-2 flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5">
            <p className="min-w-0 text-sm break-all">
              <span className="font-medium">{snapshot.path}</span>{' '}
              <span className="text-muted">
                {snapshot.files.expected ? 'differs from the baseline' : 'has no baseline yet'}
              </span>
            </p>
            {ofSuite ? <DownloadBaseline snapshot={snapshot} /> : <AcceptBaseline runId={runId} snapshot={snapshot} />}
          </div>
          {snapshot.isPicture ? <ImageDiff snapshot={snapshot} /> : <Texts snapshot={snapshot} />}
        </li>
      ))}
    </ul>
  );
}

/** Texts open in a tab of their own: Playwright's message shows how they differ. */
function Texts({ snapshot: { files } }: { snapshot: ComparedSnapshot }) {
  return (
    <p className="flex gap-4 text-sm">
      {files.expected && (
        <a href={files.expected.path} target="_blank" rel="noreferrer" className="link">
          Open the baseline
        </a>
      )}
      {files.actual && (
        <a href={files.actual.path} target="_blank" rel="noreferrer" className="link">
          Open what was taken
        </a>
      )}
    </p>
  );
}

function AcceptBaseline({ runId, snapshot: { path, files } }: { runId: string; snapshot: ComparedSnapshot }) {
  const mayEdit = useMayEdit();
  const utils = api.useUtils();
  const [asking, setAsking] = useState(false);
  const accept = api.snapshots.accept.useMutation({
    onSuccess: ({ testId }) => {
      setAsking(false);
      void utils.snapshots.list.invalidate({ testId });
    },
  });
  const { actual, expected } = files;
  if (!actual || !mayEdit) return null;
  const store = () => accept.mutate({ runId, artifactPath: actual.path });
  return (
    <div className="flex items-center gap-2">
      <span role="status" className="text-sm text-muted">
        {accept.isSuccess && 'Accepted: the next run is compared with this'}
        {accept.isError && !asking && <span className="text-bad">{errorText(accept.error)}</span>}
      </span>
      {!accept.isSuccess && (
        <Button size="sm" busy={accept.isPending} onClick={expected ? () => setAsking(true) : store}>
          Accept as baseline
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={`Replace the baseline ${path}?`}
          action="Replace"
          busy={accept.isPending}
          problem={accept.error && errorText(accept.error)}
          onConfirm={store}
          onClose={() => setAsking(false)}
        >
          <p>Later runs of the test are compared with what this run took. The old baseline cannot be restored.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
