import { lazy, Suspense } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { Skeleton } from '#client/ui/states.tsx';
import { isTerminal } from '#shared/run-status.ts';
import type { RunLog } from './run-log.ts';

const LogView = lazy(() => import('#client/ui/log/log-view.tsx'));

interface RunOutputProps {
  run: Outputs['runs']['byId'];
  log: RunLog;
  /** Its height: `min-h-…` and `max-h-…`. */
  className: string;
  /** The line (from 1) in the page's address. */
  line?: number | undefined;
  /** Gives every line an address; called with the line that the user chooses. */
  onLine?: (line: number) => void;
}

const addressOf = (line: number) => `?line=${line}`;

/** The output of a run so far. */
export function RunOutput({ run, log, className, line, onLine }: RunOutputProps) {
  const live = !isTerminal(run.status);
  const whole = run.artifacts.find(({ kind, path }) => kind === 'log' && path.endsWith('/output.log'));
  return (
    <Suspense fallback={<Skeleton label="Loading the output" rows={3} />}>
      <LogView
        lines={log.lines}
        live={live}
        label="Output of the run"
        empty={live ? 'Nothing has been written yet.' : 'This run wrote nothing.'}
        className={className}
        downloadUrl={whole?.path}
        line={line}
        {...(onLine && { onLine, addressOf })}
      />
    </Suspense>
  );
}
