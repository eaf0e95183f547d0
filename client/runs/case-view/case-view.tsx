import { X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { errorText } from '#client/query/api-error.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { Badge } from '#client/ui/badge.tsx';
import { Button } from '#client/ui/button.tsx';
import { formatDuration } from '#client/ui/format.ts';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { Elapsed } from '#client/ui/time.tsx';
import type { TestError } from '#shared/events.ts';
import type { CaseState } from '#shared/run-cases.ts';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { caseKindLook } from '#client/runs/status/case-kind-look.ts';
import { CaseIcon } from '#client/runs/status/case-icon.tsx';
import { ErrorDetails } from '#client/runs/log/run-error.tsx';
import { caseKey, type RunLog } from '#client/runs/log/run-log.ts';
import { StepTree } from '#client/runs/log/step-tree.tsx';
import { useSteps } from '#client/runs/log/use-steps.ts';
import { AttemptFiles } from './attempt-files.tsx';
import { AttemptLog } from './attempt-log.tsx';
import { CaseHistory } from './case-history.tsx';
import { useCase } from './use-case.ts';

type RunCase = Outputs['runs']['case'];

export interface CaseViewProps {
  runId: string;
  index: number;
  state: CaseState | undefined;
  /** The run goes on. */
  live: boolean;
  /** From 1. Undefined: the last one. */
  attempt?: number | undefined;
  onAttempt: (attempt: number | undefined) => void;
  step?: string | undefined;
  onStep?: ((step: string) => void) | undefined;
  /** The marked line of the log. */
  line?: string | undefined;
  onLine?: ((line: string) => void) | undefined;
  lineAddress?: ((line: string) => string) | undefined;
  /** Leaves the case. Without it, it is the only one. */
  onClose?: (() => void) | undefined;
  /** In a corner of another page: without history and files. */
  small?: boolean;
}

/** A case of a run: its errors, files, steps and output, attempt by attempt, and how it did before. */
export default function CaseView(props: CaseViewProps) {
  const query = useCase(props.runId, props.index, props.state, props.live);
  if (query.data) return <Case {...props} found={query.data} />;
  if (query.isPending) return <Skeleton label="Loading the test" rows={4} />;
  return (
    <ErrorState
      title="The test could not be loaded"
      cause={errorText(query.error)}
      onRetry={() => void query.refetch()}
    />
  );
}

function Case({ found, state, live, small = false, ...props }: CaseViewProps & { found: RunCase }) {
  const last = (state?.[2] ?? found.attempt) + 1;
  const attempt = Math.min(props.attempt ?? last, last);
  const kind = kindOf(state ?? stateOf(found));
  const scope = { runId: props.runId, caseIndex: props.index, attempt: attempt - 1 };
  const followed = useSteps(scope);
  const { log } = followed;
  const isRunning = live && attempt === last && kind === 'running';
  const errors = errorsOf(found, log, attempt - 1);
  const steps: RunLog = isRunning ? log : { ...log, ended: true };
  return (
    <div className={small ? '' : 'flex min-h-0 flex-1 flex-col overflow-y-auto *:shrink-0'}>
      <CaseHead found={found} kind={kind} small={small} onClose={props.onClose} />
      {last > 1 && <Attempts last={last} kind={kind} chosen={attempt} onChoose={props.onAttempt} />}
      {errors.length > 0 && (
        <div className="space-y-3 p-4">
          {errors.map((error, place) => (
            <ErrorDetails key={place} error={error} file={found.file} />
          ))}
        </div>
      )}
      <Reasons found={found} />
      {!small && <AttemptFiles runId={props.runId} artifacts={found.artifacts} attempt={attempt - 1} />}
      <Part title="Steps">
        <StepTree
          log={steps}
          file={found.file}
          shown={errors[0] ?? null}
          empty={isRunning ? 'No step has begun yet.' : followed.query.isPending ? 'Loading …' : notRunText(kind)}
          selected={props.step}
          {...(props.onStep && { onSelect: props.onStep })}
        />
      </Part>
      <Part title="Output" fills={!small}>
        <AttemptLog
          key={`${props.index}:${attempt}`}
          scope={scope}
          steps={followed}
          live={isRunning}
          follow={live && attempt === last}
          line={props.line}
          onLine={props.onLine}
          addressOf={props.lineAddress}
          className={small ? 'min-h-16 max-h-64' : 'min-h-24 flex-1 max-lg:max-h-[70dvh]'}
        />
      </Part>
      {!small && <CaseHistory found={found} runId={props.runId} />}
    </div>
  );
}

function CaseHead({
  found,
  kind,
  small,
  onClose,
}: {
  found: RunCase;
  kind: CaseKind;
  small: boolean;
  onClose: (() => void) | undefined;
}) {
  const { label, tone, icon: Icon } = caseKindLook[kind];
  const name = found.titlePath.at(-1) ?? found.script ?? found.title;
  const place = found.line === null ? '' : `:${found.line}`;
  const around = found.file
    ? [`${found.file}${place}`, ...found.titlePath.slice(0, -1)]
    : [found.script, ...found.titlePath.slice(0, -1)].filter(Boolean);
  if (found.titlePath.length === 0) around.length = 0;
  return (
    <header className="flex items-start gap-3 border-b border-line px-4 py-3">
      <div className="min-w-0 flex-1">
        {around.length > 0 && (
          <p className="text-xs wrap-anywhere text-muted">
            <bdi>{around.join(' › ')}</bdi>
            {!found.file && place}
          </p>
        )}
        <h2 className="text-base leading-6 font-semibold wrap-anywhere">
          {small && (
            <span className="mr-1.5 inline-block align-[-0.1875rem]">
              <CaseIcon kind={kind} />
            </span>
          )}
          <bdi>{name}</bdi>
        </h2>
        <p className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
          {!small && (
            <Badge
              tone={tone}
              icon={<Icon aria-hidden className={`size-3.5 ${kind === 'running' ? 'animate-spin' : ''}`} />}
            >
              {label}
            </Badge>
          )}
          <Duration found={found} kind={kind} />
          {found.project && <span className="text-muted">{found.project}</span>}
          {found.tags.map((tag) => (
            <span key={tag} className="rounded-sm bg-sunken px-1.5 text-muted">
              {tag}
            </span>
          ))}
        </p>
      </div>
      {onClose && (
        <Button variant="ghost" size="icon" aria-label="Close the test" title="Back to the run" onClick={onClose}>
          <X aria-hidden className="size-5" />
        </Button>
      )}
    </header>
  );
}

function Duration({ found: { duration, medianDuration, startedAt }, kind }: { found: RunCase; kind: CaseKind }) {
  if (kind === 'running') return startedAt && <Elapsed since={startedAt} />;
  if (duration === null) return null;
  return (
    <span className="text-muted tabular-nums">
      {formatDuration(duration)}
      {medianDuration !== null && ` · usually ${formatDuration(medianDuration)}`}
    </span>
  );
}

/** A tab for each attempt. Playwright tries again only after a failure, so all but the last have failed. */
function Attempts({
  last,
  kind,
  chosen,
  onChoose,
}: {
  last: number;
  kind: CaseKind;
  chosen: number;
  onChoose: (attempt: number | undefined) => void;
}) {
  return (
    <div role="group" aria-label="Attempts" className="flex flex-wrap gap-1 border-b border-line px-3 py-1.5">
      {Array.from({ length: last }, (_, place) => {
        const attempt = place + 1;
        const lastKind = kind === 'flaky' ? 'passed' : kind;
        return (
          <button
            key={attempt}
            type="button"
            aria-pressed={attempt === chosen}
            onClick={() => onChoose(attempt === last ? undefined : attempt)}
            className={`inline-flex min-h-8 items-center gap-1.5 rounded-md px-2.5 text-sm ${attempt === chosen ? 'bg-chosen font-medium' : 'text-muted hover:bg-hover hover:text-ink'}`}
          >
            <CaseIcon kind={attempt === last ? lastKind : 'failed'} /> Attempt {attempt}
          </button>
        );
      })}
    </div>
  );
}

/** Why a case was skipped or is in quarantine, and its other annotations. */
function Reasons({ found: { annotations, quarantine, quarantined } }: { found: RunCase }) {
  if (annotations.length === 0 && !quarantined) return null;
  return (
    <dl className="space-y-1 px-4 py-3 text-sm">
      {quarantined && (
        <Reason name="quarantine">
          {quarantine ? `${quarantine.reason} (${quarantine.owner})` : 'It was in quarantine during this run.'}
        </Reason>
      )}
      {annotations.map(({ type, description }, place) => (
        <Reason key={place} name={type}>
          {description}
        </Reason>
      ))}
    </dl>
  );
}

function Reason({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-2">
      <dt className="shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

/** `fills`: it takes the height that is left, and some in any case. */
function Part({ title, fills = false, children }: { title: string; fills?: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(true);
  return (
    <section
      aria-label={title}
      className={`border-t border-line first-of-type:border-t-0 ${fills && open ? 'flex min-h-80 flex-col lg:h-0 lg:grow' : ''}`}
    >
      <h3>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-h-9 w-full items-center px-4 text-left text-sm font-semibold hover:bg-hover focus-visible:-outline-offset-2"
        >
          {title}
        </button>
      </h3>
      {open && children}
    </section>
  );
}

/** The errors of the last attempt are the case's; those of earlier ones are in their log. */
function errorsOf(found: RunCase, log: RunLog, attempt: number): TestError[] {
  if (attempt === found.attempt) return found.errors.length > 0 ? found.errors : found.error ? [found.error] : [];
  const logged = log.cases.get(caseKey(found.index, attempt));
  if (logged?.errors?.length) return logged.errors;
  const error =
    logged?.error ?? [...log.steps.values()].find(({ category, error }) => category === 'case' && error)?.error;
  return error ? [error] : [];
}

function stateOf({ index, status, attempt, duration, flaky, quarantined }: RunCase): CaseState {
  return [index, status, attempt, duration, `${flaky ? 'f' : ''}${quarantined ? 'q' : ''}`];
}

function notRunText(kind: CaseKind): string {
  if (kind === 'waiting') return 'It has not begun yet.';
  if (kind === 'not_run') return 'The run ended before this test could begin.';
  return kind === 'skipped' ? 'It was skipped.' : 'No steps were recorded.';
}
