import { lazy, Suspense, useState } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { Skeleton } from '#client/ui/states.tsx';
import { findSnapshots } from '#client/runs/snapshots/compared-snapshots.ts';

const ArtifactGallery = lazy(() => import('#client/runs/artifacts/artifact-gallery.tsx'));
const SnapshotComparisons = lazy(() => import('#client/runs/snapshots/snapshot-comparisons.tsx'));

/** What an attempt left: comparisons with baselines, screenshots, videos, traces and other files. */
export function AttemptFiles({
  runId,
  ofSuite,
  artifacts,
  attempt,
}: {
  runId: string;
  ofSuite: boolean;
  artifacts: Outputs['runs']['case']['artifacts'];
  /** From 0. */
  attempt: number;
}) {
  const [opened, setOpened] = useState<string>();
  const own = artifacts.flatMap((artifact) => {
    if (artifact.attempt === attempt || artifact.attempt === null) return artifact;
    // Attempts that are compared with one baseline share its file, which is kept under the first of them.
    return artifact.snapshot?.role === 'expected' ? { ...artifact, attempt } : [];
  });
  const taken = new Set(own.flatMap(({ snapshot }) => (snapshot && snapshot.role !== 'expected' ? snapshot.path : [])));
  const shown = own.filter(({ snapshot }) => snapshot === null || taken.has(snapshot.path));
  if (shown.length === 0) return null;
  const { compared, others } = findSnapshots(shown);
  return (
    <section aria-label="Files of the attempt" className="space-y-4 px-4 py-4">
      <Suspense fallback={<Skeleton label="Loading the files" rows={1} />}>
        {compared.length > 0 && <SnapshotComparisons runId={runId} ofSuite={ofSuite} compared={compared} />}
        {others.length > 0 && <ArtifactGallery artifacts={others} opened={opened} onOpen={setOpened} inlineTraces />}
      </Suspense>
    </section>
  );
}
