import { getRouteApi, Link } from '@tanstack/react-router';
import { Archive, Play, Save } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { lastRunOf } from '#client/runs/activity.ts';
import { RecentRuns } from '#client/runs/recent-runs.tsx';
import { RunPanel } from '#client/runs/run-panel.tsx';
import { useActivity } from '#client/runs/use-activity.ts';
import { useStartRun } from '#client/runs/use-start-run.ts';
import { LoadFailure } from '#client/load-failure.tsx';
import { api, errorText, fieldErrors, type Outputs } from '#client/trpc.ts';
import { stripAnsi } from '#client/ui/ansi.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { Alert, EmptyState, Skeleton } from '#client/ui/states.tsx';
import { UnsavedGuard } from '#client/ui/unsaved-guard.tsx';
import { useHotkey } from '#client/ui/use-hotkey.ts';
import { ArchiveTest } from './archive-test.tsx';
import { TestEditor, type TestDraft } from './test-editor.tsx';

const route = getRouteApi('/tests/$testId');

export function TestPage() {
  const { testId } = route.useParams();
  const query = api.tests.byId.useQuery({ testId });

  if (query.data) return <Test key={testId} test={query.data} />;
  if (query.isPending) return <Skeleton label="Loading the test" className="card" />;
  return (
    <LoadFailure
      thing="test"
      error={query.error}
      onRetry={query.refetch}
      back={
        <Link to="/tests" className={buttonClass()}>
          Show all tests
        </Link>
      }
    />
  );
}

function Test({ test }: { test: Outputs['tests']['byId'] }) {
  const { run: chosenRun } = route.useSearch();
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const activity = useActivity();
  const [edits, setEdits] = useState<Partial<TestDraft>>({});
  const [archiving, setArchiving] = useState(false);
  const archived = useRef(false);
  const panel = useRef<HTMLDivElement>(null);
  const update = api.tests.update.useMutation();
  const { test: start } = useStartRun();

  const draft: TestDraft = { name: edits.name ?? test.name, script: edits.script ?? test.script };
  const dirty = draft.name !== test.name || draft.script !== test.script;
  const busy = update.isPending || start.isPending;
  const errors = fieldErrors(update.error);
  const lastRun = lastRunOf(test.lastRun, activity, ({ testId }) => testId === test.id);
  const runId = chosenRun ?? lastRun?.id;

  /** True when what is on screen is what is stored. */
  const save = async (): Promise<boolean> => {
    if (!dirty) return true;
    try {
      const stored = await update.mutateAsync({ testId: test.id, ...draft });
      utils.tests.byId.setData({ testId: test.id }, stored);
      // What was typed while the request was under way stays an edit.
      setEdits((now) => ({
        ...(now.name !== draft.name && { name: now.name }),
        ...(now.script !== draft.script && { script: now.script }),
      }));
      void utils.tests.list.invalidate();
      return true;
    } catch {
      return false;
    }
  };
  const run = async () => {
    if (busy || test.archivedAt || !(await save())) return;
    const started = await start.mutateAsync({ testId: test.id }).catch(() => null);
    if (!started) return;
    await navigate({ to: '.', search: { run: started.runId }, replace: true });
    // On a narrow screen the run is below the editor.
    panel.current?.scrollIntoView({ block: 'nearest' });
  };
  useHotkey('s', () => void (busy || save()));
  useHotkey('Enter', () => void run());

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
        <span role="status" className="text-sm text-muted">
          {dirty ? 'Unsaved changes' : update.isSuccess ? 'Saved' : ''}
        </span>
        {!test.archivedAt && (
          <>
            <Button variant="ghost" onClick={() => setArchiving(true)}>
              <Archive aria-hidden className="size-4" /> Archive
            </Button>
            <Button busy={update.isPending} disabled={!dirty} onClick={() => void save()}>
              {!update.isPending && <Save aria-hidden className="size-4" />} Save
            </Button>
            <Button variant="primary" busy={busy} onClick={() => void run()}>
              {!busy && <Play aria-hidden className="size-4" />} {dirty ? 'Save and run' : 'Run'}
            </Button>
          </>
        )}
      </PageHeader>

      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <div className="min-w-0 space-y-4">
          {test.archivedAt && <Alert>This test is archived. It keeps its runs but can no longer be run.</Alert>}
          {update.error && Object.keys(errors).length === 0 && <Alert>{errorText(update.error)}</Alert>}
          <TestEditor
            draft={draft}
            errors={errors}
            problems={useProblems(runId, draft.script === test.script)}
            onChange={(change) => setEdits((old) => ({ ...old, ...change }))}
          />
        </div>
        <div ref={panel} className="min-w-0 scroll-mt-32">
          {runId ? (
            <RunPanel key={runId} runId={runId} />
          ) : (
            <Section title="Run">
              <EmptyState icon={<Play />} title="Not run yet">
                <p>Choose Run: its status, steps and output appear here while it goes on.</p>
              </EmptyState>
            </Section>
          )}
        </div>
      </div>
      <div className="mt-5">
        <RecentRuns of={{ testId: test.id }} />
      </div>

      {archiving && (
        <ArchiveTest
          test={test}
          onClose={() => setArchiving(false)}
          onArchived={() => {
            archived.current = true;
            void navigate({ to: '/tests' });
          }}
        />
      )}
      <UnsavedGuard unsaved={() => dirty && !archived.current} />
    </>
  );
}

/** Where a run found fault with the script, for marking it there; nothing once the script is another one. */
function useProblems(runId: string | undefined, unchanged: boolean) {
  const { data: run } = api.runs.byId.useQuery({ runId: runId ?? '' }, { enabled: runId !== undefined });
  const error = run?.tests[0]?.error;
  return useMemo(
    () => (unchanged && error?.line ? [{ line: error.line, message: stripAnsi(error.message) }] : []),
    [unchanged, error],
  );
}
