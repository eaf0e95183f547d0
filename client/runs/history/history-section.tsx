import { keepPreviousData } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { formatDuration, formatPercent, formatTime, plural } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary, Verdict } from '#shared/events.ts';
import { summarizeHistory } from '#shared/run-history.ts';
import { LastFailure } from './last-failure.tsx';
import { useOnResults } from './use-on-results.ts';
import { Figure } from './figure.tsx';
import { countsText } from './verdict-label.ts';
import { mergeVerdicts } from './verdicts.ts';

const BadgeButton = lazy(() => import('#client/badges/badge-button.tsx'));
const HistoryPlot = lazy(() => import('./history-plot.tsx'));

type Owner = { testId: string } | { jobId: string } | { suiteId: string; branch: string | undefined };

/** The last runs of a test, of a job or of a suite (on a branch): pass rate, median duration, last failure, and a plot of all. */
export function HistorySection({ of: owner }: { of: Owner }) {
  const query = useHistory(owner);
  return (
    <Section
      title="History"
      actions={
        <Suspense>
          <BadgeButton of={owner} />
        </Suspense>
      }
    >
      <Loaded query={query} what="history">
        {({ lastFailure }) =>
          query.verdicts.length === 0 ? (
            <p className="px-4 py-6 text-sm text-muted">
              After the first run, this shows the pass rate and the duration of each run.
            </p>
          ) : (
            <History verdicts={query.verdicts} lastFailure={lastFailure} />
          )
        }
      </Loaded>
    </Section>
  );
}

function useHistory(owner: Owner) {
  const utils = api.useUtils();
  const { runs } = useActivity();
  const ofTest = api.tests.history.useQuery('testId' in owner ? owner : { testId: '' }, { enabled: 'testId' in owner });
  const ofJob = api.jobs.history.useQuery('jobId' in owner ? owner : { jobId: '' }, { enabled: 'jobId' in owner });
  const ofSuite = api.suites.history.useQuery('suiteId' in owner ? owner : { suiteId: '' }, {
    enabled: 'suiteId' in owner,
    placeholderData: keepPreviousData,
  });
  const query = 'testId' in owner ? ofTest : 'jobId' in owner ? ofJob : ofSuite;
  const isOwn = (run: RunSummary) => {
    if ('testId' in owner) return run.testId === owner.testId;
    if ('jobId' in owner) return run.jobId === owner.jobId;
    return run.suiteId === owner.suiteId && (owner.branch === undefined || run.branch === owner.branch);
  };
  const refresh = () => {
    if ('testId' in owner) void utils.tests.history.invalidate(owner);
    else if ('jobId' in owner) void utils.jobs.history.invalidate(owner);
    else void utils.suites.history.invalidate(owner);
  };
  useOnResults(
    // A job's run can include the test.
    (run) => isOwn(run) || ('testId' in owner && run.kind === 'job'),
    refresh,
  );
  return { ...query, verdicts: mergeVerdicts(query.data?.verdicts ?? [], [...runs.values()].filter(isOwn)) };
}

function History({
  verdicts,
  lastFailure,
}: {
  verdicts: readonly Verdict[];
  lastFailure: Parameters<typeof LastFailure>[0]['failure'] | null;
}) {
  const { judged, passed, passRate, medianDuration } = summarizeHistory(verdicts);
  return (
    <div className="space-y-4 p-4">
      <dl className="flex flex-wrap gap-x-8 gap-y-3">
        <Figure name="Pass rate" note={judged > 0 && `${passed} of ${plural(judged, 'run')}`}>
          {passRate === null ? '–' : formatPercent(passRate)}
        </Figure>
        <Figure name="Median duration">{medianDuration === null ? '–' : formatDuration(medianDuration)}</Figure>
        <div className="min-w-0 flex-1 basis-56">
          <dt className="text-sm text-muted">Last failure</dt>
          <dd className="mt-1 min-w-0 text-sm">
            {lastFailure ? (
              <Link
                to="/runs/$runId"
                params={{ runId: lastFailure.runId }}
                className="inline-flex max-w-full hover:underline"
              >
                <LastFailure failure={lastFailure} verdicts={verdicts} />
              </Link>
            ) : (
              `None in the last ${plural(verdicts.length, 'run')}`
            )}
          </dd>
        </div>
      </dl>
      <figure aria-label={historyText(verdicts)}>
        <Suspense fallback={<div className="h-48" />}>
          <HistoryPlot verdicts={verdicts} />
        </Suspense>
      </figure>
      <HistoryTable verdicts={verdicts} />
    </div>
  );
}

function historyText(verdicts: readonly Verdict[]): string {
  return `Duration and pass rate of the last ${plural(verdicts.length, 'run')}: ${countsText(verdicts)}. The table below says the same.`;
}

/** The plot's data as a table. */
function HistoryTable({ verdicts }: { verdicts: readonly Verdict[] }) {
  return (
    <details className="text-sm">
      <summary className="-mx-2 w-fit rounded-md px-2 py-1 text-muted hover:bg-hover hover:text-ink">
        As a table
      </summary>
      <div className="mt-2 max-h-72 overflow-auto rounded-lg border border-line">
        <table className="w-full" aria-label="History">
          <thead className="text-left text-xs text-muted">
            <tr className="border-b border-line">
              <th scope="col" className="px-3 py-2 font-medium">
                Status
              </th>
              <th scope="col" className="px-3 py-2 text-right font-medium">
                Duration
              </th>
              <th scope="col" className="px-3 py-2 text-right font-medium">
                Started
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {verdicts.map((verdict, index) => {
              const time = verdict.startedAt ?? verdict.queuedAt;
              return (
                // A job can run a test twice in one run.
                <tr key={`${verdict.runId}:${index}`} className="relative hover:bg-hover">
                  <td className="px-3 py-1.5">
                    <Link to="/runs/$runId" params={{ runId: verdict.runId }} className="row-link">
                      <StatusBadge status={verdict.status} />
                      <span className="sr-only">, run of {formatTime(time)}</span>
                    </Link>
                  </td>
                  <td className="px-3 py-1.5 text-right tabular-nums">
                    {verdict.duration === null ? '–' : formatDuration(verdict.duration)}
                  </td>
                  <td className="px-3 py-1.5 text-right text-muted">
                    <RelativeTime iso={time} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
