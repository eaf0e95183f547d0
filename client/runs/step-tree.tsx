import { ChevronRight } from 'lucide-react';
import { createContext, use, useState, type ReactNode } from 'react';
import type { Outputs } from '#client/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { formatDuration } from '#client/ui/format.ts';
import type { TestError } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { ErrorDetails } from './run-error.tsx';
import { stepsOfTest, type RunLog, type RunStep } from './run-log.ts';
import { TestStatusIcon } from './test-status-icon.tsx';

type RunTest = Pick<
  Outputs['runs']['byId']['tests'][number],
  'position' | 'name' | 'status' | 'flaky' | 'duration' | 'error'
>;

/** A loop may make thousands of steps; the document gets them in portions. */
const portion = 100;

const LogContext = createContext<RunLog | null>(null);

/** Tests of a run with their steps as they happen; what runs or went wrong is open from the start. */
export function StepTree({ tests, log }: { tests: readonly RunTest[]; log: RunLog }) {
  const current = tests.map((test) => newerTest(test, log));
  const only = current.length === 1 ? current[0] : undefined;
  return (
    <LogContext value={log}>
      <ul aria-label="Tests and steps" className="space-y-0.5 p-2 text-sm">
        {only ? (
          <TestContent test={only} depth={0} />
        ) : (
          current.map((test) => <TestNode key={test.position} test={test} />)
        )}
      </ul>
    </LogContext>
  );
}

function TestNode({ test }: { test: RunTest }) {
  return (
    <Node
      status={test.status}
      title={<span className="font-medium">{test.name}</span>}
      note={test.flaky ? 'flaky' : undefined}
      duration={test.duration}
      depth={0}
      expandable={test.status !== 'pending'}
    >
      <TestContent test={test} depth={1} />
    </Node>
  );
}

function TestContent({ test, depth }: { test: RunTest; depth: number }) {
  const log = use(LogContext);
  const ids = log?.children.get(stepsOfTest(test.position)) ?? [];
  return (
    <>
      {test.error && (
        <li className="px-1 py-1.5" style={{ paddingLeft: indent(depth) }}>
          <ErrorDetails error={test.error} />
        </li>
      )}
      {ids.length === 0 && !test.error && (
        <li className="px-2 py-2 text-muted" style={{ paddingLeft: indent(depth) }}>
          {isUnderWay(test.status) ? 'No step has begun yet.' : 'This test took no steps.'}
        </li>
      )}
      <Steps ids={ids} depth={depth} shown={test.error} />
    </>
  );
}

function Steps({ ids, depth, shown }: { ids: readonly string[]; depth: number; shown: TestError | null }) {
  const [limit, setLimit] = useState(portion);
  return (
    <>
      {ids.slice(0, limit).map((id) => (
        <StepNode key={id} id={id} depth={depth} shown={shown} />
      ))}
      {ids.length > limit && (
        <li style={{ paddingLeft: indent(depth) }}>
          <Button variant="ghost" size="sm" onClick={() => setLimit(limit + portion)}>
            Show {Math.min(portion, ids.length - limit)} more of {ids.length.toLocaleString()} steps
          </Button>
        </li>
      )}
    </>
  );
}

/** `shown` is the error that stands above already: a step fails with the error of the test that it fails. */
function StepNode({ id, depth, shown }: { id: string; depth: number; shown: TestError | null }) {
  const log = use(LogContext);
  const step = log?.steps.get(id);
  if (!log || !step) return null;
  const ids = log.children.get(id) ?? [];
  const news = step.error && step.error.message !== shown?.message ? step.error : null;
  return (
    <Node
      status={step.status === 'running' && log.ended ? 'interrupted' : step.status}
      title={<StepTitle step={step} />}
      note={step.line ? `line ${step.line}` : undefined}
      duration={step.duration}
      depth={depth}
      expandable={ids.length > 0 || news !== null}
    >
      {news && (
        <li className="px-1 py-1.5" style={{ paddingLeft: indent(depth + 1) }}>
          <ErrorDetails error={news} />
        </li>
      )}
      <Steps ids={ids} depth={depth + 1} shown={news ?? shown} />
    </Node>
  );
}

function StepTitle({ step }: { step: RunStep }) {
  if (step.category === 'case') return <span className="font-medium">{step.title}</span>;
  const aside = step.category === 'hook' || step.category === 'fixture';
  return <span className={aside ? 'text-muted' : 'font-mono text-[0.8125rem]'}>{step.title}</span>;
}

function Node({
  status,
  title,
  note,
  duration,
  depth,
  expandable,
  children,
}: {
  status: TestStatus;
  title: ReactNode;
  note: string | undefined;
  duration: number | null;
  depth: number;
  expandable: boolean;
  children: ReactNode;
}) {
  const [choice, setChoice] = useState<boolean | null>(null);
  const wanted = isUnderWay(status) || status === 'failed' || status === 'timed_out' || status === 'interrupted';
  const open = expandable && (choice ?? wanted);

  const row = (
    <>
      <TestStatusIcon status={status} />
      <span className="min-w-0 flex-1 truncate text-left">{title}</span>
      {note && <span className="hidden shrink-0 text-xs text-muted sm:inline">{note}</span>}
      <span className="w-16 shrink-0 text-right text-xs text-muted tabular-nums">
        {duration === null ? '' : formatDuration(duration)}
      </span>
    </>
  );
  const shape = 'flex min-h-8 w-full items-center gap-2 rounded-md pr-2';
  return (
    <li>
      {expandable ? (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setChoice(!open)}
          className={`${shape} hover:bg-hover`}
          style={{ paddingLeft: indent(depth) }}
        >
          <ChevronRight
            aria-hidden
            className={`size-4 shrink-0 text-muted transition-transform ${open ? 'rotate-90' : ''}`}
          />
          {row}
        </button>
      ) : (
        <div className={shape} style={{ paddingLeft: indent(depth) }}>
          <span aria-hidden className="size-4 shrink-0" />
          {row}
        </div>
      )}
      {open && <ul>{children}</ul>}
    </li>
  );
}

const indent = (depth: number) => `${0.375 + Math.min(depth, 8) * 1.125}rem`;

const isUnderWay = (status: TestStatus) => status === 'pending' || status === 'running';

/** The run's row or its log, whichever has the test further along: either may be ahead of the other. */
function newerTest(test: RunTest, log: RunLog): RunTest {
  const logged = log.tests.get(test.position);
  if (!logged || (isUnderWay(logged.status) && !isUnderWay(test.status))) return test;
  return { ...test, status: logged.status, flaky: logged.flaky, duration: logged.duration, error: logged.error };
}
