import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api, type Outputs } from '#client/query/trpc.ts';
import { formatDuration } from '#client/ui/format.ts';
import { RelativeTime } from '#client/ui/time.tsx';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import { caseKindLook } from '#client/runs/status/case-kind-look.ts';
import { isFailureKind } from '#client/runs/case-data/case-kind.ts';

const RepeatCase = lazy(() => import('#client/runs/repetitions/repeat-case.tsx'));

const shown = 30;

/** How the case did in its last runs, and the way to all of them. */
export function CaseHistory({ found, runId }: { found: Outputs['runs']['case']; runId: string }) {
  const { data } = api.cases.history.useQuery({ caseId: found.caseId, limit: shown }, { staleTime: 60_000 });
  if (!data) return null;
  const percent = (rate: number) => `${Math.round(rate * 100)} %`;
  return (
    <section aria-label="History" className="border-t border-line px-4 py-3 text-sm">
      <h3 className="mb-2 flex items-center justify-between gap-3 font-semibold">
        History
        <Link to="/cases/$caseId" params={{ caseId: found.caseId }} className="link font-normal">
          All runs of this test
        </Link>
      </h3>
      <div className="flex flex-wrap items-end">
        {data.verdicts.toReversed().map((verdict) => {
          const { status, attempt, duration, flaky, quarantined, at } = verdict;
          const kind = kindOf([
            verdict.index,
            status,
            attempt,
            duration,
            `${flaky ? 'f' : ''}${quarantined ? 'q' : ''}`,
          ]);
          const height = isFailureKind(kind) ? 'h-6' : kind === 'flaky' ? 'h-5' : kind === 'passed' ? 'h-3.5' : 'h-1.5';
          return (
            <Link
              key={`${verdict.runId}:${verdict.index}`}
              to="/runs/$runId"
              params={{ runId: verdict.runId }}
              search={{ case: verdict.index }}
              aria-label={`${caseKindLook[kind].label}, ${new Date(at).toLocaleString()}`}
              title={`${caseKindLook[kind].label}, ${new Date(at).toLocaleString()}`}
              aria-current={verdict.runId === runId || undefined}
              className="group flex size-6 items-end justify-center"
            >
              <span
                className={`w-2 rounded-xs ${height} ${caseKindLook[kind].bar} group-aria-[current]:outline-2 group-aria-[current]:outline-offset-1 group-aria-[current]:outline-lamp`}
              />
            </Link>
          );
        })}
      </div>
      <p className="mt-2 text-muted">
        {data.passRate !== null && `${percent(data.passRate)} passed`}
        {data.flakeRate ? ` · ${percent(data.flakeRate)} flaky` : ''}
        {data.medianDuration !== null && ` · median ${formatDuration(data.medianDuration)}`}
        {data.lastFailure && data.lastFailure.runId !== runId && (
          <>
            {' '}
            · last failed <RelativeTime iso={data.lastFailure.at} />
          </>
        )}
      </p>
      {found.titlePath.length > 0 && (
        <div className="mt-3 border-t border-line pt-3">
          <Suspense fallback={<div className="h-10" />}>
            <RepeatCase caseId={found.caseId} runId={runId} />
          </Suspense>
        </div>
      )}
    </section>
  );
}
