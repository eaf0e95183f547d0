import { ChevronRight } from 'lucide-react';
import { createContext, memo, use, useEffect, useRef, useState, type ReactNode } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { Button } from '#client/ui/button.tsx';
import { formatDuration } from '#client/ui/format.ts';
import { Elapsed } from '#client/ui/time.tsx';
import type { TestError } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { ErrorDetails } from './run-error.tsx';
import { stepsOfTest, type RunLog, type RunStep } from './run-log.ts';
import { shownTestStatus, type ShownTestStatus } from '#client/runs/status/status-look.ts';
import { TestStatusIcon } from '#client/runs/status/test-status-icon.tsx';

type RunTest = Pick<
  Outputs['runs']['byId']['tests'][number],
  'position' | 'name' | 'status' | 'flaky' | 'duration' | 'error'
>;
type StepLog = Pick<RunLog, 'tests' | 'steps' | 'children' | 'ended'>;

/** Steps are rendered in portions, since a loop can have thousands. */
const portion = 100;

interface Tree {
  log: StepLog;
  /** Key of the selected row: the id of a step, or `stepsOfTest` of a test. */
  selected: string | undefined;
  /** Keys of the rows that must be open to show `selected`. */
  path: ReadonlySet<string>;
  /** Position of the first failed test, which is open from the start. */
  firstFailed: number | undefined;
  onSelect: ((key: string) => void) | undefined;
}
const TreeContext = createContext<Tree | null>(null);

interface StepTreeProps {
  tests: readonly RunTest[];
  log: StepLog;
  selected?: string | undefined;
  onSelect?: (key: string) => void;
}

/**
 * Tests of a run with their steps as they happen. Running tests and the first failed test are open. `selected` (the id of a
 * step, or `stepsOfTest` of a test) is scrolled into view.
 */
export const StepTree = memo(function StepTree({ tests, log, selected, onSelect }: StepTreeProps) {
  const current = tests.map((test) => newerTest(test, log.tests));
  const firstFailed = current.find(({ status }) => wentWrong(status))?.position;
  const tree: Tree = { log, selected, path: pathTo(selected, log.steps), firstFailed, onSelect };
  const only = current.length === 1 ? current[0] : undefined;
  return (
    <TreeContext value={tree}>
      <ul aria-label="Tests and steps" className="space-y-0.5 p-2 text-sm">
        {only ? (
          <TestContent test={only} depth={0} />
        ) : (
          current.map((test) => <TestNode key={test.position} test={test} />)
        )}
      </ul>
    </TreeContext>
  );
}, sameTree);

/** Output changes the log many times a second, but not the tree. */
function sameTree(a: StepTreeProps, b: StepTreeProps): boolean {
  return (
    a.tests === b.tests &&
    a.log.tests === b.log.tests &&
    a.log.steps === b.log.steps &&
    a.log.children === b.log.children &&
    a.log.ended === b.log.ended &&
    a.selected === b.selected
  );
}

function TestNode({ test }: { test: RunTest }) {
  const tree = use(TreeContext);
  const status = shownTestStatus(test);
  return (
    <Node
      nodeKey={stepsOfTest(test.position)}
      status={status}
      title={
        <span className="font-medium" title={test.name}>
          {test.name}
        </span>
      }
      note={test.flaky ? 'flaky' : status === 'not_run' ? 'not run' : undefined}
      duration={test.duration}
      begunAt={tree?.log.tests.get(test.position)?.begunAt}
      depth={0}
      expandable={status !== 'pending' && status !== 'not_run'}
      openAtFirst={test.status === 'running' || test.position === tree?.firstFailed}
    >
      <TestContent test={test} depth={1} />
    </Node>
  );
}

function TestContent({ test, depth }: { test: RunTest; depth: number }) {
  const ids = use(TreeContext)?.log.children.get(stepsOfTest(test.position)) ?? [];
  return (
    <>
      {test.error && (
        <li className="px-1 py-1.5" style={{ paddingLeft: indent(depth) }}>
          <ErrorDetails error={test.error} />
        </li>
      )}
      {ids.length === 0 && !test.error && (
        <li className="px-2 py-2 text-muted" style={{ paddingLeft: indent(depth) }}>
          {isUnderWay(test.status)
            ? 'No step has begun yet.'
            : shownTestStatus(test) === 'not_run'
              ? 'The run ended before this test could begin.'
              : 'This test took no steps.'}
        </li>
      )}
      <Steps ids={ids} depth={depth} shown={test.error} />
    </>
  );
}

function Steps({ ids, depth, shown }: { ids: readonly string[]; depth: number; shown: TestError | null }) {
  const path = use(TreeContext)?.path;
  const [limit, setLimit] = useState(portion);
  // The selected step is rendered, however far down it is.
  const needed = path && path.size > 0 ? ids.findIndex((id) => path.has(id)) + 1 : 0;
  const end = Math.max(limit, needed);
  return (
    <>
      {ids.slice(0, end).map((id) => (
        <StepNode key={id} id={id} depth={depth} shown={shown} />
      ))}
      {ids.length > end && (
        <li style={{ paddingLeft: indent(depth) }}>
          <Button variant="ghost" size="sm" onClick={() => setLimit(end + portion)}>
            Show {Math.min(portion, ids.length - end)} more of {ids.length.toLocaleString()} steps
          </Button>
        </li>
      )}
    </>
  );
}

/** `shown` is the error above this step. A failing step and its test have the same error, which is shown once. */
function StepNode({ id, depth, shown }: { id: string; depth: number; shown: TestError | null }) {
  const log = use(TreeContext)?.log;
  const step = log?.steps.get(id);
  if (!log || !step) return null;
  const ids = log.children.get(id) ?? [];
  const error = step.error && step.error.message !== shown?.message ? step.error : null;
  const status = step.status === 'running' && log.ended ? 'interrupted' : step.status;
  return (
    <Node
      nodeKey={id}
      status={status}
      title={<StepTitle step={step} />}
      note={step.line ? `line ${step.line}` : undefined}
      duration={step.duration}
      begunAt={step.begunAt}
      depth={depth}
      expandable={ids.length > 0 || error !== null}
      openAtFirst={status === 'running' || wentWrong(status)}
    >
      {error && (
        <li className="px-1 py-1.5" style={{ paddingLeft: indent(depth + 1) }}>
          <ErrorDetails error={error} />
        </li>
      )}
      <Steps ids={ids} depth={depth + 1} shown={error ?? shown} />
    </Node>
  );
}

function StepTitle({ step }: { step: RunStep }) {
  if (step.category === 'case')
    return (
      <bdi className="font-medium" title={step.title}>
        {step.title}
      </bdi>
    );
  const aside = step.category === 'hook' || step.category === 'fixture';
  return (
    <bdi title={step.title} className={aside ? 'text-muted' : 'font-mono text-[0.8125rem]'}>
      {step.title}
    </bdi>
  );
}

function Node({
  nodeKey,
  status,
  title,
  note,
  duration,
  begunAt,
  depth,
  expandable,
  openAtFirst,
  children,
}: {
  nodeKey: string;
  status: ShownTestStatus;
  title: ReactNode;
  note: string | undefined;
  duration: number | null;
  begunAt: string | undefined;
  depth: number;
  expandable: boolean;
  openAtFirst: boolean;
  children: ReactNode;
}) {
  const tree = use(TreeContext);
  const [choice, setChoice] = useState<boolean | null>(null);
  const selected = tree?.selected === nodeKey;
  const open = expandable && (choice ?? (openAtFirst || tree?.path.has(nodeKey) === true));
  const row = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  return (
    <li>
      <button
        ref={row}
        type="button"
        aria-expanded={expandable ? open : undefined}
        aria-current={selected || undefined}
        onClick={() => {
          if (expandable) setChoice(!open);
          tree?.onSelect?.(nodeKey);
        }}
        className={`flex min-h-8 w-full items-center gap-2 rounded-md pr-2 focus-visible:-outline-offset-2 ${selected ? 'bg-chosen' : 'hover:bg-hover'}`}
        style={{ paddingLeft: indent(depth) }}
      >
        <ChevronRight
          aria-hidden
          className={`size-4 shrink-0 text-muted transition-transform ${open ? 'rotate-90' : ''} ${expandable ? '' : 'invisible'}`}
        />
        <TestStatusIcon status={status} />
        <span className="min-w-0 flex-1 truncate text-left">{title}</span>
        {note && <span className="hidden shrink-0 text-xs text-muted sm:inline">{note}</span>}
        <span className="w-16 shrink-0 text-right text-xs text-muted tabular-nums">
          {duration !== null
            ? formatDuration(duration)
            : status === 'running' && begunAt && <Elapsed since={begunAt} />}
        </span>
      </button>
      {open && <ul>{children}</ul>}
    </li>
  );
}

const indent = (depth: number) => `${0.375 + Math.min(depth, 8) * 1.125}rem`;

const isUnderWay = (status: TestStatus) => status === 'pending' || status === 'running';

const wentWrong = (status: TestStatus) => status === 'failed' || status === 'timed_out' || status === 'interrupted';

/** Keys of the selected row and of all rows above it. */
function pathTo(selected: string | undefined, steps: RunLog['steps']): ReadonlySet<string> {
  if (selected === undefined) return new Set();
  const path = new Set([selected]);
  for (let step = steps.get(selected); step; step = step.parentId ? steps.get(step.parentId) : undefined)
    path.add(step.parentId ?? stepsOfTest(step.position));
  return path;
}

/** The newer state of a test: the one in the run's row or the one in its log. */
function newerTest(test: RunTest, logged: RunLog['tests']): RunTest {
  const newest = logged.get(test.position);
  if (!newest || (isUnderWay(newest.status) && !isUnderWay(test.status))) return test;
  return { ...test, status: newest.status, flaky: newest.flaky, duration: newest.duration, error: newest.error };
}
