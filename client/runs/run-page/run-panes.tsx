import { ArrowLeft } from 'lucide-react';
import { useCallback, useEffect } from 'react';
import { api, type Outputs } from '#client/query/trpc.ts';
import { GoneNotice } from '#client/ui/gone-notice.tsx';
import { SplitPane } from '#client/ui/split-pane.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { errorText } from '#client/query/api-error.ts';
import type { LiveCases } from '#client/runs/case-data/use-run-cases.ts';
import CasePanel from '#client/runs/case-tree/case-panel.tsx';
import CaseView from '#client/runs/case-view/case-view.tsx';
import type { RunPageSearch } from './run-page-search.ts';
import { RunTabs, TabBar } from './run-tabs.tsx';
import { viewAddress } from './use-run-view.ts';

const noErrors: Outputs['runs']['errors']['items'] = [];
const ofCase = { attempt: undefined, step: undefined, line: undefined, artifact: undefined };

/** The cases of a run, and beside them one case or what there is of the whole run. A run of one case has no list. */
export default function RunPanes({
  run,
  live,
  isLive,
  view,
  onView,
  gone,
}: {
  run: Outputs['runs']['byId'];
  live: LiveCases;
  isLive: boolean;
  view: RunPageSearch;
  onView: (change: RunPageSearch) => void;
  /** What the address named and the run lacks, in a sentence. */
  gone: string | undefined;
}) {
  const { cases, list } = live;
  const errors = useErrors(run.id, cases.counts.failed + cases.counts.quarantined + cases.counts.interrupted);
  const choose = useCallback(
    (index: number | undefined) => onView({ ...ofCase, case: index, tab: undefined }),
    [onView],
  );
  const addressOf = (index: number) => viewAddress(view, { ...ofCase, case: index, tab: undefined });
  if (live.error && cases.version === 0)
    return (
      <ErrorState
        title="The tests could not be loaded"
        cause={errorText(live.error)}
        onRetry={() => void live.refetch()}
      />
    );
  if (cases.version === 0) return <Skeleton label="Loading the tests" className="card" />;

  const only = cases.total === 1 ? (cases.states.findLastIndex((state) => state !== undefined) ?? 0) : undefined;
  const index = view.case ?? (view.tab === undefined ? only : undefined);
  const caseView = index !== undefined && (
    <CaseView
      key={index}
      runId={run.id}
      index={index}
      state={cases.states[index]}
      live={isLive}
      attempt={view.attempt}
      onAttempt={(attempt) => onView({ ...ofCase, attempt })}
      step={view.step}
      onStep={(step) => onView({ case: index, step })}
      line={view.line}
      onLine={(line) => onView({ case: index, line })}
      addressOf={(of) => viewAddress({}, { case: index, ...of })}
      {...(only === undefined && { onClose: () => choose(undefined) })}
    />
  );
  const whole = (
    <RunTabs
      run={run}
      cases={cases}
      list={list}
      isLive={isLive}
      view={view}
      onView={onView}
      onCase={choose}
      errors={errors}
      only={only !== undefined}
      caseView={caseView}
    />
  );
  const notice = gone !== undefined && (
    <div className="card shrink-0 overflow-hidden">
      <GoneNotice onClose={() => onView({})}>{gone}</GoneNotice>
    </div>
  );
  if (only !== undefined)
    return (
      <>
        {notice}
        <div className="card flex min-h-0 min-w-0 flex-1 flex-col overflow-hidden">{whole}</div>
      </>
    );
  return (
    <>
      {notice}
      <SplitPane
        name="case-list"
        width={420}
        narrow={view.case !== undefined || view.tab !== undefined ? 'right' : 'left'}
        left={
          <>
            <div className="lg:hidden">
              <TabBar run={run} only={false} errors={errors} current="cases" />
            </div>
            <CasePanel
              runId={run.id}
              cases={cases}
              list={list}
              live={isLive}
              errors={errors.data?.items ?? noErrors}
              chosen={view.case}
              onChoose={choose}
              addressOf={addressOf}
              wholePage
              view={view}
              onView={onView}
            />
          </>
        }
        right={
          caseView ? (
            <>
              <button
                type="button"
                onClick={() => choose(undefined)}
                className="flex min-h-11 items-center gap-2 border-b border-line px-4 text-sm text-muted lg:hidden"
              >
                <ArrowLeft aria-hidden className="size-4" /> <span className="truncate">{run.name}</span>
              </button>
              {caseView}
            </>
          ) : (
            whole
          )
        }
      />
    </>
  );
}

/** The failures of the run by their causes, read again as more cases fail. */
function useErrors(runId: string, failures: number) {
  const query = api.runs.errors.useQuery({ runId }, { staleTime: Infinity });
  const { refetch, isFetched } = query;
  useEffect(() => {
    if (isFetched) void refetch();
    // Only more failures change it; the first answer has those until now.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [failures, refetch]);
  return query;
}
