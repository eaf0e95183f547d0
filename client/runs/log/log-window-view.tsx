import { lazy, Suspense } from 'react';
import { LostStream } from '#client/live/lost-stream.tsx';
import { errorText } from '#client/query/api-error.ts';
import type { LogViewProps } from '#client/ui/log/log-view.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import type { useLogWindow } from './use-log-window.ts';

const LogView = lazy(() => import('#client/ui/log/log-view.tsx'));

/** A log that is loaded in part. */
export function LogWindowView({
  of: { query, window, earlier, later, toLatest, lost, reconnect },
  ...view
}: {
  of: ReturnType<typeof useLogWindow>;
} & Omit<LogViewProps, 'lines' | 'earlier' | 'later' | 'onLatest'>) {
  if (query.isError)
    return (
      <ErrorState
        title="The log could not be loaded"
        cause={errorText(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  const loading = <Skeleton label="Loading the log" rows={3} />;
  if (!window) return loading;
  return (
    <Suspense fallback={loading}>
      {lost && <LostStream onReconnect={reconnect} />}
      <LogView {...view} lines={window.log.lines} earlier={earlier} later={later} onLatest={() => void toLatest()} />
    </Suspense>
  );
}
