import { getRouteApi, Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { Archived } from '#client/archive/archived.tsx';
import { lastRunOf } from '#client/runs/activity/activity.ts';
import { HistorySection } from '#client/runs/history/history-section.tsx';
import { UsedBy } from '#client/jobs/used-by.tsx';
import { RecentRuns } from '#client/runs/list/recent-runs.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { ViewerNotice } from '#client/session/viewer-notice.tsx';
import { EditActions } from '#client/query/edit-actions.tsx';
import { LoadedPage } from '#client/query/loaded-page.tsx';
import { SaveProblem } from '#client/query/save-problem.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { useEditor } from '#client/query/use-editor.ts';
import { Button } from '#client/ui/button.tsx';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { EmptyState, Skeleton } from '#client/ui/states.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { useKnownCases } from '#client/runs/case-data/use-known-cases.ts';
import { useKnownSteps } from '#client/runs/log/use-known-steps.ts';
import { problemsOf, runningLine } from './run-problems.ts';
import { type SettingsDraft, toSettings, toSettingsDraft } from './settings-draft.ts';
import { type ScriptDraft, type ScriptMarks, TestEditor } from './test-editor.tsx';
import type { TypeWarnings as Warnings } from './type-check/type-check.ts';
import { TypeWarnings } from './type-warnings.tsx';

const RunPanel = lazy(async () => ({ default: (await import('#client/runs/run-page/run-panel.tsx')).RunPanel }));
const ArchiveTest = lazy(async () => ({ default: (await import('./archive-test.tsx')).ArchiveTest }));
const ScriptComparison = lazy(() => import('./script-comparison.tsx'));
const SettingsSection = lazy(() => import('./settings-section.tsx'));

const route = getRouteApi('/tests/$testId');

interface TestDraft extends ScriptDraft {
  settings: SettingsDraft;
}

export function TestPage() {
  const { testId } = route.useParams();
  const query = api.tests.byId.useQuery({ testId });
  return (
    <LoadedPage thing="test" query={query}>
      {(test) => <Test key={testId} test={test} />}
    </LoadedPage>
  );
}

function Test({ test }: { test: Outputs['tests']['byId'] }) {
  const { run: chosenRun } = route.useSearch();
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const activity = useActivity();
  const [archiving, setArchiving] = useState(false);
  const mayEdit = useMayEdit();
  const [comparing, setComparing] = useState(false);
  const [warnings, setWarnings] = useState<Warnings>();
  const panel = useRef<HTMLDivElement>(null);
  const { test: start } = useStartRun();
  const lastRun = lastRunOf(test.lastRun, activity, ({ testId }) => testId === test.id);
  const runId = chosenRun ?? lastRun?.id;
  const readOnly = !mayEdit || test.archivedAt !== null;

  const editor = useEditor<TestDraft>({
    stored: draftOf(test),
    version: test.updatedAt,
    readOnly,
    store: async ({ settings, ...draft }, expectedUpdatedAt) => {
      const stored = await utils.client.tests.update.mutate({
        testId: test.id,
        ...draft,
        settings: toSettings(settings),
        expectedUpdatedAt,
      });
      utils.tests.byId.setData({ testId: test.id }, stored);
      void utils.tests.list.invalidate();
      return { stored: draftOf(stored), version: stored.updatedAt };
    },
    reload: () => utils.tests.byId.invalidate({ testId: test.id }),
    start: async (line) => {
      const started = await start
        .mutateAsync({ testId: test.id, ...(line !== undefined && { line }) })
        .catch(() => null);
      if (!started) return;
      await navigate({ to: '.', search: { run: started.runId }, replace: true });
      // On a narrow screen the run is below the editor.
      panel.current?.scrollIntoView({ block: 'nearest' });
    },
    starting: start.isPending,
  });

  return (
    <>
      <PageHeader
        title={test.name}
        above={
          <Link to="/tests" className="link">
            Tests
          </Link>
        }
      >
        {!readOnly && (
          <EditActions editor={editor} onArchive={() => setArchiving(true)}>
            <TypeWarnings warnings={warnings} />
          </EditActions>
        )}
      </PageHeader>

      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="min-w-0 space-y-4">
          <ViewerNotice />
          {test.archivedAt && (
            <Archived of={{ testId: test.id }} name={test.name}>
              This test is archived. It keeps its runs but can no longer be run.
            </Archived>
          )}
          <SaveProblem thing="test" editor={editor}>
            <Button size="sm" aria-expanded={comparing} onClick={() => setComparing(!comparing)}>
              Compare
            </Button>
          </SaveProblem>
          {editor.conflict && comparing && (
            <Suspense fallback={<Skeleton label="Comparing" rows={3} />}>
              <ScriptComparison mine={editor.draft.script} theirs={test.script} />
            </Suspense>
          )}
          <TestEditor
            draft={editor.draft}
            errors={editor.fieldErrors}
            marks={useMarks(runId, test)}
            onChange={editor.edit}
            onRunLine={editor.run}
            onWarnings={setWarnings}
            readOnly={readOnly}
          />
          <Suspense fallback={<Skeleton label="Loading the settings" rows={1} className="card" />}>
            <SettingsSection
              testId={test.id}
              draft={editor.draft.settings}
              errors={editor.fieldErrors}
              readOnly={readOnly}
              onChange={(settings) => editor.edit({ settings })}
            />
          </Suspense>
          <UsedBy jobs={test.jobs} />
        </div>
        <div ref={panel} className="min-w-0 scroll-mt-32">
          {runId ? (
            <Suspense
              fallback={
                <Section title="Run">
                  <Skeleton label="Loading the run" />
                </Section>
              }
            >
              <RunPanel key={runId} runId={runId} />
            </Suspense>
          ) : (
            <Section title="Run">
              <EmptyState icon={<Play />} title="Not run yet">
                <p>
                  {mayEdit ? 'Choose Run: status' : 'Status'}, steps and output of a run appear here while it is
                  running.
                </p>
              </EmptyState>
            </Section>
          )}
        </div>
      </div>
      <div className="mt-5 grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <HistorySection of={{ testId: test.id }} />
        <RecentRuns of={{ testId: test.id }} />
      </div>

      {archiving && (
        <Suspense>
          <ArchiveTest
            test={test}
            onClose={() => setArchiving(false)}
            onArchived={() => {
              editor.abandon();
              void navigate({ to: '/tests' });
            }}
          />
        </Suspense>
      )}
      <UnsavedGuard isUnsaved={editor.isUnsaved} />
    </>
  );
}

const draftOf = ({ name, script, settings }: Outputs['tests']['byId']): TestDraft => ({
  name,
  script,
  settings: toSettingsDraft(settings),
});

/** Problems and the running line of a run. None if the run's script is not the stored one. */
function useMarks(
  runId: string | undefined,
  { script, updatedAt }: { script: string; updatedAt: string },
): ScriptMarks {
  const utils = api.useUtils();
  const { data: run } = api.runs.byId.useQuery({ runId: runId ?? '' }, { enabled: runId !== undefined });
  const known = useKnownCases(runId ?? '');
  const failures = known ? known.counts.failed + known.counts.quarantined : 0;
  const failed = api.runs.cases.useQuery(
    { runId: runId ?? '', status: ['failed', 'timed_out'], limit: 50 },
    { enabled: runId !== undefined && failures > 0, staleTime: Infinity },
  );
  const { refetch } = failed;
  useEffect(() => {
    if (failures > 1) void refetch();
  }, [failures, refetch]);
  // The panel beside the editor follows the steps of the case that runs.
  const running =
    known && !isTerminal(known.status) ? known.states.find((state) => state?.[1] === 'running') : undefined;
  const log = useKnownSteps({ runId: runId ?? '', caseIndex: running?.[0] ?? -1, attempt: running?.[2] ?? 0 });
  const knownVersion = useRef(updatedAt);
  useEffect(() => {
    // `scriptChanged` of the run depends on the stored script.
    if (runId && knownVersion.current !== updatedAt) void utils.runs.byId.invalidate({ runId });
    knownVersion.current = updatedAt;
  }, [utils, runId, updatedAt]);
  const [test] = run?.tests ?? [];
  const current = test && !test.scriptChanged;
  const error = test?.error;
  const activeLine = current && running && log ? runningLine(log) : null;
  // Marks move with the text. A new array resets them, so it keeps its identity until the problems change.
  const cases = failures > 0 ? failed.data?.items : undefined;
  const problems = useMemo(() => (current ? problemsOf(error, cases ?? []) : []), [current, error, cases]);
  const key = JSON.stringify(problems);
  const settled = useMemo(() => JSON.parse(key) as typeof problems, [key]);
  return { script, problems: settled, activeLine };
}
