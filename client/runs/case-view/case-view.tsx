import { lazy, Suspense } from 'react';
import { errorText } from '#client/query/api-error.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { useIsGuest } from '#client/session/guest.ts';
import { GoneNotice } from '#client/ui/gone-notice.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import type { CaseState } from '#shared/run-cases.ts';
import { isFailedTest } from '#shared/run-status.ts';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { ErrorDetails } from '#client/runs/log/run-error.tsx';
import type { RunLog } from '#client/runs/log/run-log.ts';
import { StepTree } from '#client/runs/log/step-tree.tsx';
import { useSteps } from '#client/runs/log/use-steps.ts';
import { errorsOfAttempt } from './attempt-errors.ts';
import { AttemptFiles } from './attempt-files.tsx';
import { AttemptLog } from './attempt-log.tsx';
import { Attempts } from './attempts.tsx';
import { CaseHead } from './case-head.tsx';
import { CaseHistory } from './case-history.tsx';
import { CasePart } from './case-part.tsx';
import { Reasons } from './reasons.tsx';
import { useCase } from './use-case.ts';

const FirstFailed = lazy(() => import('#client/runs/history/first-failed.tsx'));

type RunCase = Outputs['runs']['case'];

/** What of a case an address names. */
export interface CasePlace {
  /** From 1. */
  attempt?: number;
  step?: string;
  line?: string;
}

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
  /** The address of the case, or of an attempt, a step or a line of it. */
  addressOf?: ((of: CasePlace) => string) | undefined;
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
  const { addressOf, step } = props;
  const isGuest = useIsGuest();
  const last = (state?.[2] ?? found.attempt) + 1;
  const attempt = Math.min(props.attempt ?? last, last);
  const kind = kindOf(state ?? stateOf(found));
  const scope = { runId: props.runId, caseIndex: props.index, attempt: attempt - 1 };
  const followed = useSteps(scope);
  const { log } = followed;
  const isRunning = live && attempt === last && kind === 'running';
  const errors = errorsOfAttempt(found, log, attempt - 1);
  const isStepGone = step !== undefined && followed.query.isSuccess && !isRunning && !log.steps.has(step);
  const steps: RunLog = isRunning ? log : { ...log, ended: true };
  return (
    <div className={small ? '' : 'flex min-h-0 flex-1 flex-col overflow-y-auto *:shrink-0'}>
      <CaseHead found={found} kind={kind} small={small} address={addressOf?.({})} onClose={props.onClose} />
      {last > 1 && (
        <Attempts
          last={last}
          kind={kind}
          chosen={attempt}
          onChoose={props.onAttempt}
          address={addressOf?.({ attempt })}
        />
      )}
      {errors.length > 0 && (
        <div className="space-y-3 p-4">
          {errors.map((error, place) => (
            <ErrorDetails key={place} error={error} file={found.file} />
          ))}
          {!small && !isGuest && isFailedTest(found.status) && attempt === last && (
            <Suspense fallback={<div className="h-5" />}>
              <FirstFailed runId={props.runId} index={props.index} />
            </Suspense>
          )}
        </div>
      )}
      <Reasons found={found} />
      {!small && (
        <AttemptFiles
          runId={props.runId}
          ofSuite={found.position === null}
          artifacts={found.artifacts}
          attempt={attempt - 1}
        />
      )}
      <CasePart title="Steps">
        {isStepGone && <GoneNotice>This attempt has no such step: the address may be of another run.</GoneNotice>}
        <StepTree
          log={steps}
          file={found.file}
          shown={errors[0] ?? null}
          empty={isRunning ? 'No step has begun yet.' : followed.query.isPending ? 'Loading …' : notRunText(kind)}
          selected={step}
          {...(props.onStep && { onSelect: props.onStep })}
          {...(addressOf && { addressOf: (step: string) => addressOf({ attempt, step }) })}
        />
      </CasePart>
      <CasePart title="Output" fills={!small}>
        <AttemptLog
          key={`${props.index}:${attempt}`}
          scope={scope}
          steps={followed}
          live={isRunning}
          follow={live && attempt === last}
          line={props.line}
          onLine={props.onLine}
          addressOf={addressOf && ((line) => addressOf({ attempt, line }))}
          className={small ? 'min-h-16 max-h-64' : 'min-h-24 flex-1 max-lg:max-h-[70dvh]'}
        />
      </CasePart>
      {!small && !isGuest && <CaseHistory found={found} runId={props.runId} />}
    </div>
  );
}

function stateOf({ index, status, attempt, duration, flaky, quarantined }: RunCase): CaseState {
  return [index, status, attempt, duration, `${flaky ? 'f' : ''}${quarantined ? 'q' : ''}`];
}

function notRunText(kind: CaseKind): string {
  if (kind === 'waiting') return 'It has not begun yet.';
  if (kind === 'not_run') return 'The run ended before this test could begin.';
  return kind === 'skipped' ? 'It was skipped.' : 'No steps were recorded.';
}
