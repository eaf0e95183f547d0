import { useMemo } from 'react';
import type { LogLine } from '#client/ui/log/log-lines.ts';
import { LogWindowView } from '#client/runs/log/log-window-view.tsx';
import { groupOfSteps } from './log-steps.ts';
import type { useSteps } from '#client/runs/log/use-steps.ts';
import { type LogScope, useLogWindow } from '#client/runs/log/use-log-window.ts';

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
  const log = useLogWindow(scope, { live: follow, line, also: steps });
  const group = useMemo(() => {
    const of = groupOfSteps(steps.log);
    return (
      of && {
        keyOf: (entry: LogLine) => of(entry)?.id ?? '',
        title: (entry: LogLine) => of(entry)?.title ?? 'Outside of steps',
      }
    );
  }, [steps.log]);
  return (
    <LogWindowView
      of={log}
      live={live}
      follow={follow}
      label="Output of the test"
      empty={live ? 'Nothing has been written yet.' : 'This attempt wrote nothing.'}
      className={className}
      line={line}
      group={group}
      {...(onLine && addressOf && { onLine, addressOf })}
    />
  );
}
