import { lazy, Suspense, useMemo } from 'react';
import { errorText } from '#client/query/api-error.ts';
import { LostStream } from '#client/live/lost-stream.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import type { LogLine } from '#client/ui/log/log-lines.ts';
import { groupOfSteps } from './log-steps.ts';
import type { useSteps } from '#client/runs/log/use-steps.ts';
import { type LogScope, useLogWindow } from '#client/runs/log/use-log-window.ts';

const LogView = lazy(() => import('#client/ui/log/log-view.tsx'));

/** The output of an attempt under the steps that wrote it. */
export function AttemptLog({
  scope,
  steps,
  live,
  follow,
  line,
  onLine,
  addressOf,
  className,
}: {
  scope: LogScope;
  /** Of the same attempt; the stream of the output brings them, too. */
  steps: ReturnType<typeof useSteps>;
  /** The attempt is under way. */
  live: boolean;
  /** At first: it is, or may be later. */
  follow: boolean;
  /** The marked line. */
  line: string | undefined;
  onLine?: ((line: string) => void) | undefined;
  addressOf?: ((line: string) => string) | undefined;
  className: string;
}) {
  const { query, window, earlier, later, toLatest, lost, reconnect } = useLogWindow(scope, {
    live: follow,
    line,
    also: steps,
  });
  const group = useMemo(() => {
    const of = groupOfSteps(steps.log);
    return (
      of && {
        keyOf: (entry: LogLine) => of(entry)?.id ?? '',
        title: (entry: LogLine) => of(entry)?.title ?? 'Outside of steps',
      }
    );
  }, [steps.log]);
  if (query.isError)
    return (
      <ErrorState
        title="The log could not be loaded"
        cause={errorText(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  if (!window) return <Skeleton label="Loading the log" rows={3} />;
  return (
    <Suspense fallback={<Skeleton label="Loading the log" rows={3} />}>
      {lost && <LostStream onReconnect={reconnect} />}
      <LogView
        lines={window.log.lines}
        live={live}
        follow={follow}
        label="Output of the test"
        empty={live ? 'Nothing has been written yet.' : 'This attempt wrote nothing.'}
        className={className}
        line={line}
        earlier={earlier}
        later={later}
        onLatest={() => void toLatest()}
        group={group}
        {...(onLine && addressOf && { onLine, addressOf })}
      />
    </Suspense>
  );
}
