import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { BranchPicker } from '#client/runs/history/branch-picker.tsx';
import { Figure } from '#client/runs/history/figure.tsx';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { countsText } from '#client/runs/history/verdict-label.ts';
import { VerdictStrip } from '#client/runs/history/verdict-strip.tsx';
import { LoadedPage } from '#client/query/loaded-page.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { formatDuration, formatPercent, plural } from '#client/ui/format.ts';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { isFailedTest } from '#shared/run-status.ts';
import { RelativeTime } from '#client/ui/time.tsx';
import { CaseErrors } from './case-errors.tsx';
import { CaseInRunLink } from './case-in-run-link.tsx';
import { CaseRuns } from './case-runs.tsx';
import { shownVerdict } from './case-verdict.ts';
import { QuarantineButton, QuarantineNotice } from './quarantine.tsx';

const RepeatCase = lazy(() => import('#client/runs/repetitions/repeat-case.tsx'));
const FirstFailed = lazy(() => import('#client/runs/history/first-failed.tsx'));
const HistoryPlot = lazy(() => import('#client/runs/history/history-plot.tsx'));

const route = getRouteApi('/cases/$caseId');
const shownRuns = 100;

type History = Outputs['cases']['history'];

/** A case over its runs: how often it passes, whether it is flaky, and how it fails. */
export function CasePage() {
  const { caseId } = route.useParams();
  const { branch } = route.useSearch();
  const input = { caseId, branch, limit: shownRuns };
  const query = api.cases.history.useQuery(input, { placeholderData: keepPreviousData });
  const utils = api.useUtils();
  useOnResults(
    // A job's run can include the test.
    (run) =>
      run.kind === 'suite'
        ? run.suiteId === query.data?.case.suiteId
        : run.kind === 'job' || run.testId === query.data?.case.testId,
    () => void utils.cases.history.invalidate(input),
  );
  return (
    <LoadedPage thing="case" query={query}>
      {(history) => <Case history={history} />}
    </LoadedPage>
  );
}

function Case({ history }: { history: History }) {
  const { title, titlePath, testId, testName, suiteId, suiteName, file, project } = history.case;
  const { branch } = route.useSearch();
  const navigate = route.useNavigate();
  const around = [file, project, ...titlePath.slice(0, -1)].filter(Boolean);
  return (
    <>
      <PageHeader
        title={titlePath.at(-1) ?? title}
        above={
          <span className="flex flex-wrap gap-x-1.5">
            {testId && testName !== null && (
              <Link to="/tests/$testId" params={{ testId }} className="link">
                {testName}
              </Link>
            )}
            {suiteId && suiteName !== null && (
              <Link to="/suites/$suiteId" params={{ suiteId }} className="link">
                {suiteName}
              </Link>
            )}
            {around.map((part, index) => (
              <span key={index}>› {part}</span>
            ))}
          </span>
        }
      >
        {suiteId && (
          <BranchPicker
            suiteId={suiteId}
            value={branch}
            onChange={(branch) => void navigate({ to: '.', search: { branch }, replace: true, resetScroll: false })}
          />
        )}
        <QuarantineButton of={history.case} />
      </PageHeader>
      <QuarantineNotice of={history.case} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="min-w-0 space-y-5">
          <Summary history={history} />
          {titlePath.length > 0 && (
            <Section title="Is it flaky?">
              <div className="p-4">
                <Suspense fallback={<div className="h-10" />}>
                  <RepeatCase caseId={history.case.id} />
                </Suspense>
              </div>
            </Section>
          )}
          <FailingSince history={history} />
          <CaseErrors history={history} />
        </div>
        <CaseRuns verdicts={history.verdicts} />
      </div>
    </>
  );
}

function Summary({ history }: { history: History }) {
  const { verdicts, judged, passed, flaky, passRate, flakeRate, medianDuration, firstFailure, lastFailure } = history;
  const shown = verdicts.map(shownVerdict);
  const percent = (rate: number | null) => (rate === null ? '–' : formatPercent(rate));
  return (
    <Section title="History" actions={<VerdictStrip verdicts={shown} length={20} />}>
      <div className="space-y-4 p-4">
        <dl className="flex flex-wrap gap-x-8 gap-y-3">
          <Figure name="Pass rate" note={judged > 0 && `${passed} of ${plural(judged, 'run')}`}>
            {percent(passRate)}
          </Figure>
          <Figure name="Flake rate" note={judged > 0 && `${flaky} of ${plural(judged, 'run')}`}>
            {percent(flakeRate)}
          </Figure>
          <Figure name="Median duration">{medianDuration === null ? '–' : formatDuration(medianDuration)}</Figure>
          <Failures first={firstFailure} last={lastFailure} />
        </dl>
        {verdicts.length > 0 && (
          <figure
            aria-label={`Duration and pass rate of the last ${plural(verdicts.length, 'run')}: ${countsText(shown)}. The table of runs says the same.`}
          >
            <Suspense fallback={<div className="h-48" />}>
              <HistoryPlot verdicts={shown} />
            </Suspense>
          </figure>
        )}
      </div>
    </Section>
  );
}

/** The run since which the case fails. Renders nothing if the newest result is not a failure. */
function FailingSince({ history: { verdicts } }: { history: History }) {
  const newest = verdicts.find(({ status }) => status === 'passed' || isFailedTest(status));
  if (!newest || !isFailedTest(newest.status)) return null;
  return (
    <Section title="Failing">
      <div className="p-4">
        <Suspense fallback={<div className="h-5" />}>
          <FirstFailed runId={newest.runId} index={newest.index} />
        </Suspense>
      </div>
    </Section>
  );
}

type Failure = History['lastFailure'];

/** When it failed first and last, among the runs that are kept. */
function Failures({ first, last }: { first: Failure; last: Failure }) {
  return (
    <div>
      <dt className="text-sm text-muted">Failures</dt>
      <dd className="mt-1 text-sm">
        {first && last ? (
          <>
            First <FailureLink failure={first} />, last <FailureLink failure={last} />
          </>
        ) : (
          'None'
        )}
      </dd>
    </div>
  );
}

function FailureLink({ failure: { runId, index, at } }: { failure: NonNullable<Failure> }) {
  return (
    <CaseInRunLink runId={runId} index={index} className="link">
      <RelativeTime iso={at} />
    </CaseInRunLink>
  );
}
