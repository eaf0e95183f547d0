import { isTerminal, type StreamStatus } from '#shared/run-status.ts';
import { useLiveRunStatus } from './use-live-run-status.ts';

interface RunStatusListenerProps {
  runId: string;
  /** The last status that the caller knows. A run that is over needs no stream. */
  status: StreamStatus;
  /** `reportUrl` once there is a report; `duration` (ms) once the run is over. */
  onStatusUpdate: (status: StreamStatus, reportUrl: string | undefined, duration: number | undefined) => void;
}

/** Follows one run's status while mounted, for pages that do not follow its log. Renders nothing. */
export function RunStatusListener({ runId, status, onStatusUpdate }: RunStatusListenerProps) {
  useLiveRunStatus(isTerminal(status) ? null : runId, (event) => {
    const report = event.artifactPaths?.find((path) => path.endsWith('/report/index.html'));
    onStatusUpdate(event.status, report, event.duration ?? undefined);
  });
  return null;
}
