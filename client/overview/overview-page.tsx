import { lazy, Suspense } from 'react';
import { CaseList } from '#client/cases/case-list.tsx';
import { useStrips } from '#client/cases/use-strips.ts';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { QueueList } from '#client/queue/queue-list.tsx';
import { Loaded } from '#client/query/loaded.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { NextStarts } from './next-starts.tsx';
import { PassRate } from './pass-rate.tsx';

const PausedRules = lazy(() => import('#client/notifications/paused-rules.tsx'));
const FirstSteps = lazy(async () => ({ default: (await import('./first-steps.tsx')).FirstSteps }));

export type Overview = Outputs['overview']['get'];

/** A project with fewer runs than this is shown what to do first. */
const fewRuns = 6;
const refreshMs = 2_000;

/** What needs attention in the project now. */
export function OverviewPage() {
  const query = api.overview.get.useQuery();
  const utils = api.useUtils();
  useOnResults(
    () => true,
    () => {
      void utils.overview.invalidate(undefined, undefined, { cancelRefetch: false });
      void utils.cases.strips.invalidate();
    },
    refreshMs,
  );
  return (
    <>
      <PageHeader title="Overview" />
      <Loaded query={query} what="overview" rows={8}>
        {(overview) => <Panels overview={overview} />}
      </Loaded>
    </>
  );
}

function Panels({ overview }: { overview: Overview }) {
  const { failing, flakiest, slowest, quarantined, days, nextStarts } = overview;
  const strips = useStrips([...failing.items, ...flakiest, ...slowest, ...quarantined.items].map(({ id }) => id));
  const runs = days.reduce((sum, day) => sum + day.passed + day.failed, 0);
  return (
    <div className="space-y-5">
      {overview.pausedRules > 0 && (
        <Suspense>
          <PausedRules count={overview.pausedRules} />
        </Suspense>
      )}
      {runs < fewRuns && (
        <Suspense>
          <FirstSteps fewRuns={fewRuns} />
        </Suspense>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="min-w-0 space-y-5">
          <Section title="Failing now" actions={<FailingCount failing={failing} />}>
            <CaseList
              cases={failing.items}
              strips={strips}
              metric="failing"
              none={runs === 0 ? 'Nothing has run in the last 14 days.' : 'Nothing fails.'}
              more={failing.total - failing.items.length}
            />
          </Section>
          <div className="grid items-start gap-5 xl:grid-cols-2">
            <Section title="Flakiest">
              <CaseList cases={flakiest} strips={strips} metric="flaky" none="Nothing was flaky in the last 14 days." />
            </Section>
            <Section title="Slowest">
              <CaseList cases={slowest} strips={strips} metric="slow" none="Nothing has run in the last 14 days." />
            </Section>
          </div>
          {quarantined.total > 0 && (
            <Section title="In quarantine">
              <CaseList
                cases={quarantined.items}
                strips={strips}
                metric="quarantine"
                none=""
                more={quarantined.total - quarantined.items.length}
              />
            </Section>
          )}
        </div>
        <div className="min-w-0 space-y-5">
          <PassRate days={days} passRate={overview.passRate} />
          <Section title="Queue" className="text-sm">
            <QueueList />
          </Section>
          <NextStarts starts={nextStarts} />
        </div>
      </div>
    </div>
  );
}

function FailingCount({ failing: { total, newTotal } }: Pick<Overview, 'failing'>) {
  if (total === 0) return null;
  return (
    <span className="text-sm text-muted tabular-nums">
      {total.toLocaleString()} {total === 1 ? 'case' : 'cases'}
      {newTotal > 0 && <span className="text-bad">, {newTotal.toLocaleString()} since yesterday</span>}
    </span>
  );
}
