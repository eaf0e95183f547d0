import { Link } from '@tanstack/react-router';
import { LoaderCircle, Repeat } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { errorText, fieldErrors } from '#client/query/api-error.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';
import { shortSha } from '#client/runs/status/short-sha.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { CodeBlock } from '#client/ui/code-block.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { repetitionLimits } from '#shared/repetitions.ts';
import { isTerminal } from '#shared/run-status.ts';
import { repetitionText } from './repetition-text.ts';
import { useRepetitions } from './use-repetitions.ts';

/** Runs a case several times, and says what came of it: whether it is flaky. `runId`: with the code of that run. */
export default function RepeatCase({ caseId, runId }: { caseId: string; runId?: string }) {
  const mayEdit = useMayEdit();
  const { data, error } = useRepetitions(caseId);
  if (error) return <p className="text-sm text-bad">Its repetitions could not be loaded: {errorText(error)}</p>;
  if (!data) return <div aria-busy="true" className="h-8" />;
  const { newest, command } = data;
  return (
    <div className="space-y-3 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        {newest ? <Answer of={newest} /> : <p className="text-muted">It was not repeated yet.</p>}
        {command === null && mayEdit && <RepeatForm caseId={caseId} runId={runId} />}
      </div>
      {command !== null && (
        <div className="space-y-2">
          <p className="text-muted">
            Its suite has no bundle here, so workers cannot repeat it. Run this where the suite is, or push it first:
          </p>
          <CodeBlock label="Command" code={command} />
        </div>
      )}
    </div>
  );
}

function Answer({ of }: { of: NonNullable<Outputs['cases']['repetitions']['newest']> }) {
  const { runId, status, failed, passed, queuedAt, branch, commitSha } = of;
  const isLive = !isTerminal(status);
  const tone = isLive ? '' : failed > 0 ? (passed > 0 ? 'text-warn' : 'text-bad') : passed > 0 ? 'text-good' : '';
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
      {isLive && <LoaderCircle aria-hidden className="size-4 animate-spin text-muted" />}
      <span role="status" className={`font-medium ${tone}`}>
        {repetitionText(of)}
      </span>
      <span className="text-muted">
        <RelativeTime iso={queuedAt} />
        {branch !== null && <> · {branch}</>}
        {commitSha !== null && <> · {shortSha(commitSha)}</>} ·{' '}
        <Link to="/runs/$runId" params={{ runId }} className="link">
          Open the run
        </Link>
      </span>
    </p>
  );
}

function RepeatForm({ caseId, runId }: { caseId: string; runId: string | undefined }) {
  const { repeat } = useStartRun();
  const [times, setTimes] = useState(String(repetitionLimits.default));
  const problem = fieldErrors(repeat.error)['times'];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    repeat.mutate({ caseId, runId, times: Number(times) });
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <input
        type="number"
        inputMode="numeric"
        min={repetitionLimits.least}
        max={repetitionLimits.most}
        aria-label="Times"
        aria-invalid={problem ? true : undefined}
        value={times}
        onChange={(event) => setTimes(event.target.value)}
        className="control min-h-8 w-18"
      />
      <Button type="submit" size="sm" busy={repeat.isPending}>
        {!repeat.isPending && <Repeat aria-hidden className="size-4" />} Run {times || '…'} times
      </Button>
      {problem && (
        <span role="alert" className="text-bad">
          It {problem}
        </span>
      )}
    </form>
  );
}
