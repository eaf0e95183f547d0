import type { Logger } from 'pino';
import { runCancelChannel } from '#shared/channels.ts';
import type { Bus } from '#server/bus/bus.ts';
import { shutdownReason } from '#server/execution/playwright/execute-playwright.ts';

/**
 * Aborts with `shutdownReason` when the worker stops, and calls `onCancel` when the run is cancelled, until it is disposed of. The
 * bus may lose a cancel, which the heartbeat then finds in the run's row.
 */
export function followStopRequests(
  deps: { bus: Bus; shutdown: AbortSignal },
  { runId, stop, logger, onCancel }: { runId: string; stop: AbortController; logger: Logger; onCancel: () => void },
): AsyncDisposable {
  const onShutdown = () => stop.abort(shutdownReason);
  deps.shutdown.addEventListener('abort', onShutdown);
  if (deps.shutdown.aborted) onShutdown();
  const unsubscribing = deps.bus.subscribe(runCancelChannel(runId), onCancel).catch((error: unknown) => {
    logger.warn({ err: error }, 'could not subscribe to cancellation; the heartbeat checks for it');
    return () => {};
  });
  return {
    async [Symbol.asyncDispose]() {
      deps.shutdown.removeEventListener('abort', onShutdown);
      await (
        await unsubscribing
      )();
    },
  };
}
