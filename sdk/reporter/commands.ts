import type { ReportedPart, ReportsApi } from './reports-api.ts';
import { say } from './say.ts';

/** Follows what Runlight wants of this reporter. Returns a function that ends that. */
export function followCommands(
  reports: ReportsApi,
  part: ReportedPart,
  { onCancel }: { onCancel(by: string | null): void },
): () => void {
  let isCancelled = false;
  const subscription = reports.onCommands.subscribe(part, {
    onData({ data: { cancel } }) {
      if (cancel && !isCancelled) onCancel(cancel.by);
      isCancelled ||= cancel !== null;
    },
    // Entries are delivered all the same; where these are refused, that is said.
    onError() {},
  });
  return () => subscription.unsubscribe();
}

export function cancelledBy(by: string | null): string {
  return `the run was cancelled${by === null ? '' : ` by ${by}`}.`;
}

/**
 * Says why, and stops Playwright as Ctrl-C does, once: as soon as Playwright is ready for that, since
 * the signal would otherwise end the process without results.
 */
export function interruptPlaywright(why: string, isRunning: () => boolean, isReady = () => true): void {
  const { process } = globalThis;
  if (!isRunning()) return;
  say(why);
  const interrupt = () => {
    if (!isRunning()) return clearInterval(timer);
    if (!isReady() || process.listenerCount('SIGINT') === 0) return undefined;
    clearInterval(timer);
    // Windows knows no such signal.
    if (process.platform === 'win32') return void process.emit('SIGINT');
    return void process.kill(process.pid, 'SIGINT');
  };
  const timer = setInterval(interrupt, 50);
  timer.unref();
  interrupt();
}
