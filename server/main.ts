import cluster from 'node:cluster';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { type Env, readEnv } from '#server/config/env.ts';
import { telemetrySettings } from '#server/config/telemetry-settings.ts';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { traceOfLine } from '#server/lib/traced.ts';
import type { ToPrimary, ToProcess } from '#server/processes/messages.ts';
import { startProcesses } from '#server/processes/start-processes.ts';
import { start } from './start.ts';

/** Over how long streams end when the process stops, in ms, so that their clients do not return all at once. */
const drainMs = 3_000;

/** How long closing may take, beyond `SHUTDOWN_TIMEOUT` for running tests, before the process ends anyway, in ms. */
const closeWithinMs = 20_000;

/** A terminal sends an interrupt to `npm start` and to this process, and `npm start` passes its own on: within this, in ms, they are one. */
const echoMs = 1_000;

function readEnvOrExit(): Env {
  try {
    return readEnv();
  } catch (error) {
    process.stderr.write(`Runlight could not start: ${errorMessage(error)}\n`);
    process.exit(1);
  }
}

/** The name of this process among those that another one started, such as `api 1`. */
const processName = cluster.isWorker ? process.argv.slice(2).join(' ') : undefined;

function createLogger(env: Env): Logger {
  const logger = pino(
    { level: env.LOG_LEVEL, ...(telemetrySettings(env).settings?.traces && { mixin: traceOfLine }) },
    process.stdout.isTTY ? pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) : undefined,
  );
  return processName === undefined ? logger : logger.child({ process: processName });
}

/** Calls `stop` whenever this process is asked to stop: by a signal or, where another process started it, by that one. */
function onStop(stop: (signal: NodeJS.Signals) => void): void {
  if (processName !== undefined) {
    process.on('message', (message: ToProcess) => {
      if (message.type === 'stop') stop('SIGTERM');
    });
    // A terminal and systemd signal all processes; the primary one stops the others in order.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
    return;
  }
  let interruptedAt = -Infinity;
  process.on('SIGTERM', stop);
  process.on('SIGINT', (signal) => {
    const isEcho = performance.now() - interruptedAt < echoMs;
    interruptedAt = performance.now();
    if (!isEcho) stop(signal);
  });
}

function runAll(env: Env): void {
  const logger = createLogger(env);
  const processes = startProcesses(env, { logger, closeWithinMs });
  onStop((signal) => {
    logger.info({ signal }, 'stopping');
    processes.stop();
  });
}

async function run(env: Env): Promise<void> {
  const logger = createLogger(env);
  const stack = createCloseStack((error) => logger.error({ err: error }, 'could not close cleanly'));

  async function close(exitCode: number): Promise<never> {
    setTimeout(() => process.exit(1), env.SHUTDOWN_TIMEOUT + closeWithinMs).unref();
    await stack[Symbol.asyncDispose]();
    process.exit(exitCode);
  }

  /** The first signal lets running tests end, the second stops them, the third ends the process without a record of that. */
  let signals = 0;
  const forceStop = new AbortController();
  onStop((signal) => {
    signals += 1;
    if (signals > 2) process.exit(1);
    if (signals === 2) return forceStop.abort();
    logger.info({ signal }, 'stopping');
    void close(0);
  });

  try {
    const tellPrimary = (message: ToPrimary) => void process.send?.(message);
    await start(env, {
      logger,
      stack,
      drainMs,
      forceStop: forceStop.signal,
      ...(processName !== undefined && { tellPrimary }),
      onDatabaseLost(error) {
        logger.fatal({ err: error }, 'Runlight ends: its embedded PostgreSQL has ended and does not start again');
        process.exit(1);
      },
    });
  } catch (error) {
    if (signals > 0) return;
    process.stderr.write(`Runlight could not start: ${errorMessage(error)}\n`);
    logger.debug({ err: error }, 'why it could not start');
    await close(1);
  }
}

const env = readEnvOrExit();
if (env.API_PROCESSES > 1) runAll(env);
else await run(env);
