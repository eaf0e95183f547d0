import { Link } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { mergeRuns } from '#client/runs/activity/activity.ts';
import { RunButton } from '#client/runs/actions/run-button.tsx';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { api } from '#client/query/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { isFailure } from '#shared/run-status.ts';

/** The sample test that fails on purpose. */
const nameOfFailing = 'A failing assertion';
const storageKey = 'runlight.first-steps';

/** What this browser remembers: the failure has been opened, or the steps are not to be shown again. */
function useProgress() {
  const [progress, setProgress] = useState(() => localStorage.getItem(storageKey));
  return {
    isHidden: progress === 'hidden',
    hasOpened: progress !== null,
    remember: (value: 'opened' | 'hidden') => {
      localStorage.setItem(storageKey, value);
      setProgress(value);
    },
  };
}

/** What to do first in a new Runlight: run a sample, look at a failure, watch a suite of one's own. */
export function FirstSteps({ fewRuns }: { fewRuns: number }) {
  const { isHidden, hasOpened, remember } = useProgress();
  const mayEdit = useMayEdit();
  const activity = useActivity();
  const { data: fetched } = api.runs.list.useQuery({ limit: fewRuns });
  const { data: tests } = api.tests.list.useQuery({ limit: 10 });
  const { data: suites } = api.suites.list.useQuery({ limit: 1 });
  if (isHidden || !mayEdit || !fetched || !tests || !suites || fetched.items.length >= fewRuns) return null;
  const runs = mergeRuns(fetched.items, activity, () => true, true);
  const failure = runs.find(({ status }) => isFailure(status));
  const failing = tests.items.find(({ name }) => name === nameOfFailing);
  const sample = tests.items.find((test) => test !== failing) ?? failing;
  return (
    <section aria-label="First steps" className="card @container">
      <div className="flex min-h-12 items-center justify-between border-b border-line px-4 py-1.5">
        <h2 className="text-sm font-semibold">First steps</h2>
        <Button variant="ghost" size="icon" aria-label="Hide the first steps" onClick={() => remember('hidden')}>
          <X aria-hidden className="size-4" />
        </Button>
      </div>
      <ol className="grid @3xl:grid-cols-3 @3xl:divide-x @3xl:divide-line @max-3xl:divide-y @max-3xl:divide-line">
        <Step number={1} title="Run a sample" done={runs.length > 0}>
          {sample ? (
            <>
              <p>“{sample.name}” is ready to run. Its status, steps and output appear while it runs.</p>
              <RunButton of={{ testId: sample.id }} name={sample.name} />
            </>
          ) : (
            <>
              <p>A test is a Playwright script. Start from a template that runs as it is.</p>
              <Link to="/tests/new" className={buttonClass('secondary', 'sm')}>
                New test
              </Link>
            </>
          )}
        </Step>
        <Step number={2} title="Open the failure" done={failure !== undefined && hasOpened}>
          <p>The page of a failed run shows what was expected, what came, and on which line.</p>
          {failure ? (
            <Link
              to="/runs/$runId"
              params={{ runId: failure.id }}
              className={buttonClass('secondary', 'sm')}
              onClick={() => remember('opened')}
            >
              Open the failed run
            </Link>
          ) : (
            failing && <RunButton of={{ testId: failing.id }} name={failing.name} />
          )}
        </Step>
        <Step number={3} title="Watch your own suite" done={suites.items.length > 0}>
          <p>
            Playwright tests of your own, on a laptop or in a CI, are live here with one more reporter. Nothing else
            about them changes.
          </p>
          <Link to="/suites/watch" className={buttonClass('secondary', 'sm')}>
            Show the lines to paste
          </Link>
        </Step>
      </ol>
    </section>
  );
}

function Step({
  number,
  title,
  done,
  children,
}: {
  number: number;
  title: string;
  done: boolean;
  children: ReactNode;
}) {
  return (
    <li className="flex min-w-0 flex-col items-start gap-2.5 p-4 text-sm text-muted">
      <h3 className="flex items-center gap-2 font-medium text-ink">
        <span
          className={`flex size-6 items-center justify-center rounded-full text-xs ${done ? 'bg-good-tint text-good' : 'bg-sunken text-ink'}`}
        >
          {done ? <Check aria-hidden className="size-3.5" /> : number}
        </span>
        {title}
        {done && <span className="sr-only"> (done)</span>}
      </h3>
      {children}
    </li>
  );
}
