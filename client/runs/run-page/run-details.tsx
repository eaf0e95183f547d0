import { lazy, Suspense } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { findSnapshots } from '#client/runs/snapshots/compared-snapshots.ts';
import { plural } from '#client/ui/format.ts';
import { Skeleton } from '#client/ui/states.tsx';
import RunSettings from './run-settings.tsx';

const SnapshotComparisons = lazy(() => import('#client/runs/snapshots/snapshot-comparisons.tsx'));

/** The settings of a run, and its comparisons with baselines, as far as there are any. */
export default function RunDetails({ run }: { run: Outputs['runs']['byId'] }) {
  const { compared } = findSnapshots(run.artifacts);
  return (
    <>
      <RunSettings tests={run.tests} />
      {compared.length > 0 && (
        <details className="card text-sm">
          <summary className="min-h-10 cursor-pointer px-4 py-2.5 font-medium">
            {plural(compared.length, 'comparison')} with a baseline
          </summary>
          <div className="max-h-[60dvh] overflow-auto px-4 pb-4">
            <Suspense fallback={<Skeleton label="Loading the comparisons" rows={2} />}>
              <SnapshotComparisons runId={run.id} compared={compared} />
            </Suspense>
          </div>
        </details>
      )}
    </>
  );
}
