import { ChevronRight } from 'lucide-react';
import { createContext, memo, use, useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '#client/ui/button.tsx';
import { CopyLink } from '#client/ui/copy-button.tsx';
import { formatDuration } from '#client/ui/format.ts';
import { Elapsed } from '#client/ui/time.tsx';
import type { TestError } from '#shared/events.ts';
import { ErrorDetails } from './run-error.tsx';
import type { RunLog, RunStep } from './run-log.ts';
import type { ShownTestStatus } from '#client/runs/status/status-look.ts';
import { TestStatusIcon } from '#client/runs/status/test-status-icon.tsx';

type StepLog = Pick<RunLog, 'steps' | 'children' | 'ended'>;

/** Steps are rendered in portions, since a loop can have thousands. */
const portion = 100;

interface Tree {
  log: StepLog;
  file: string;
  /** Id of the selected step. */
  selected: string | undefined;
  /** Ids of the steps that must be open to show `selected`. */
  path: ReadonlySet<string>;
  onSelect: ((id: string) => void) | undefined;
  addressOf: ((id: string) => string) | undefined;
}
const TreeContext = createContext<Tree | null>(null);

interface StepTreeProps {
  log: StepLog;
  /** The file of the case; steps name lines in it. Empty for a script. */
  file?: string;
  /** An error that stands above the steps; the step that failed with it does not repeat it. */
  shown: TestError | null;
  /** What is said where there are no steps. */
  empty: string;
  selected?: string | undefined;
  onSelect?: (id: string) => void;
  /** The address of a step, with which the selected one can be copied. */
  addressOf?: (id: string) => string;
}

/**
 * The steps of an attempt of a case as they happen. Steps that run or have failed are open. `selected` (the id of a step) is
 * scrolled into view.
 */
export const StepTree = memo(function StepTree({ log, file = '', shown, empty, selected, ...rest }: StepTreeProps) {
  const { onSelect, addressOf } = rest;
  const tree: Tree = { log, file, selected, path: pathTo(selected, log.steps), onSelect, addressOf };
  const ids = rootsOf(log);
  return (
    <TreeContext value={tree}>
      <ul aria-label="Steps" className="space-y-0.5 p-2 text-sm">
        {ids.length === 0 && <li className="px-2 py-1 text-muted">{empty}</li>}
        <Steps ids={ids} depth={0} shown={shown} />
      </ul>
    </TreeContext>
  );
}, sameTree);

/** The steps directly under the attempt, which is a step itself. */
function rootsOf({ steps, children }: StepLog): readonly string[] {
  const attempts = [...steps.values()].filter(({ category, parentId }) => category === 'case' && parentId === null);
  return attempts.flatMap(({ id }) => children.get(id) ?? []);
}

/** Other entries change the log, but not the tree. */
function sameTree(a: StepTreeProps, b: StepTreeProps): boolean {
  return (
    a.log.steps === b.log.steps &&
    a.log.children === b.log.children &&
    a.log.ended === b.log.ended &&
    a.shown?.message === b.shown?.message &&
    a.empty === b.empty &&
    a.selected === b.selected
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
  const { log, file = '' } = use(TreeContext) ?? {};
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
      note={step.line ? placeText(file, step.line) : undefined}
      duration={step.duration}
      begunAt={step.begunAt}
      depth={depth}
      expandable={ids.length > 0 || error !== null}
      openAtFirst={status === 'running' || wentWrong(status)}
    >
      {error && (
        <li className="px-1 py-1.5" style={{ paddingLeft: indent(depth + 1) }}>
          <ErrorDetails error={error} file={file} />
        </li>
      )}
      <Steps ids={ids} depth={depth + 1} shown={error ?? shown} />
    </Node>
  );
}

function StepTitle({ step }: { step: RunStep }) {
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
      <div className={`flex items-center rounded-md ${selected ? 'bg-chosen' : 'hover:bg-hover'}`}>
        <button
          ref={row}
          type="button"
          aria-expanded={expandable ? open : undefined}
          aria-current={selected || undefined}
          onClick={() => {
            if (expandable) setChoice(!open);
            tree?.onSelect?.(nodeKey);
          }}
          className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-md pr-2 focus-visible:-outline-offset-2"
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
        {selected && tree?.addressOf && <CopyLink label="Copy link to the step" address={tree.addressOf(nodeKey)} />}
      </div>
      {open && <ul>{children}</ul>}
    </li>
  );
}

/** The folder is at the top of the case. */
const placeText = (file: string, line: number) => (file ? `${file.split('/').at(-1)}:${line}` : `line ${line}`);

const indent = (depth: number) => `${0.375 + Math.min(depth, 8) * 1.125}rem`;

const wentWrong = (status: ShownTestStatus) =>
  status === 'failed' || status === 'timed_out' || status === 'interrupted';

/** The selected step and all steps above it. */
function pathTo(selected: string | undefined, steps: RunLog['steps']): ReadonlySet<string> {
  const path = new Set<string>();
  for (let id: string | null | undefined = selected; id != null && !path.has(id); id = steps.get(id)?.parentId)
    path.add(id);
  return path;
}
