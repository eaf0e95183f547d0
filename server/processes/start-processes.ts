import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import type { Env } from '#server/config/env.ts';
import { createMetricsGatherer } from './all-metrics.ts';
import type { ToProcess, ToPrimary } from './messages.ts';
import { createRestarts } from './restarts.ts';
import { closeUnaccepted } from './unaccepted-connections.ts';

/** How long processes may take to end, beyond what each allows itself, before they are killed, in ms. */
const killAfterMs = 5_000;

/** A process that the primary process keeps up. */
interface Child {
  /** `api 1`, `api 2` and so on, or `worker`. */
  name: string;
  /** Undefined between its end and its next start. */
  worker: Worker | undefined;
  isReady: boolean;
  tell(message: ToProcess): void;
}

/**
 * Starts `API_PROCESSES` processes that answer requests on one port and, with the role `worker`, one that executes runs, and starts each again
 * that ends. The first migrates the database and takes the port before the others begin. Connections are given to the
 * processes in turn.
 */
export function startProcesses(
  env: Env,
  options: {
    logger: Logger;
    /** In which a process closes, beyond `SHUTDOWN_TIMEOUT`, in ms. */
    closeWithinMs: number;
  },
): { stop(): void } {
  const { logger } = options;
  const apis = Array.from({ length: env.API_PROCESSES }, (_, index) => createChild(`api ${index + 1}`));
  const executor = env.ROLES.has('worker') ? createChild('worker') : undefined;
  const children = [...apis, ...(executor ? [executor] : [])];
  const gatherer = createMetricsGatherer();
  let api: { url?: string | undefined; entrance?: string | undefined } = {};
  /** All have been ready once. */
  let isUp = false;
  let stops = 0;
  let exitCode = 0;

  function begin(child: Child, restarts = createRestarts()): void {
    const startedAt = performance.now();
    // Shows in the list of processes.
    cluster.setupPrimary({ args: child.name.split(' ') });
    const worker = cluster.fork(environmentOf(child));
    child.worker = worker;
    closeUnaccepted(worker);
    worker.on('message', (message: ToPrimary) => hear(child, message));
    worker.once('exit', (code, signal) => {
      child.worker = undefined;
      child.isReady = false;
      if (stops > 0) return onStopped(child, code, signal);
      if (!isUp) {
        // It has said why.
        exitCode = code || 1;
        return stop();
      }
      const delayMs = restarts.delayAfter(performance.now() - startedAt);
      logger.error({ process: child.name, code, signal, delayMs }, 'a process has ended, and is started again');
      setTimeout(() => {
        if (stops === 0) begin(child, restarts);
      }, delayMs);
    });
  }

  function environmentOf(child: Child): Record<string, string> {
    // Checked already. An empty variable counts as not set.
    const common = { API_PROCESSES: '', ROLES: child === executor ? 'worker' : 'api' };
    const url = env.PUBLIC_URL ?? env.BASE_URL ?? api.url;
    return child === executor && url !== undefined ? { ...common, PUBLIC_URL: url } : common;
  }

  function hear(child: Child, message: ToPrimary): void {
    if (message.type === 'metrics') return gatherer.take(child, message);
    if (message.type === 'askMetrics') {
      const answer = (text: string) => child.tell({ type: 'allMetrics', id: message.id, text });
      return void gatherer.gather(children.filter(({ isReady }) => isReady)).then(answer);
    }
    child.isReady = true;
    if (child === apis[0]) api = message;
    if (isUp) return logger.info({ process: child.name }, 'a process is back');
    if (child === apis[0]) for (const other of children.slice(1)) begin(other);
    if (!children.every(({ isReady }) => isReady)) return;
    isUp = true;
    logger.info({ processes: children.length }, `Runlight is ready at ${api.entrance}`);
  }

  function onStopped(child: Child, code: number | null, signal: string | null): void {
    // systemd signals all processes, and one that begins takes note of it.
    if (code !== 0 && signal !== 'SIGTERM') exitCode ||= 1;
    // Until the last run has ended, its watchers have their streams.
    if (child === executor) end(apis);
    if (children.every(({ worker }) => worker === undefined)) process.exit(exitCode);
  }

  function end(some: readonly Child[]): void {
    for (const { tell } of some) tell({ type: 'stop' });
  }

  function stop(): void {
    stops += 1;
    if (children.every(({ worker }) => worker === undefined)) process.exit(exitCode);
    // Its processes end with it.
    if (stops > 2) process.exit(1);
    end(executor?.worker ? [executor] : apis);
    if (stops > 1) return;
    setTimeout(
      () => {
        for (const { worker } of children) worker?.process.kill('SIGKILL');
      },
      env.SHUTDOWN_TIMEOUT + 2 * options.closeWithinMs + killAfterMs,
    ).unref();
  }

  begin(apis[0]!);
  return { stop };
}

function createChild(name: string): Child {
  const child: Child = {
    name,
    worker: undefined,
    isReady: false,
    tell(message) {
      if (child.worker?.isConnected()) child.worker.send(message);
    },
  };
  return child;
}
