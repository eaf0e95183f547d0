import { pino } from 'pino';
import pretty from 'pino-pretty';
import { type Env, readEnv } from '#server/config/env.ts';
import { telemetrySettings } from '#server/config/telemetry-settings.ts';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { traceOfLine } from '#server/lib/traced.ts';
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

async function main() {
  const env = readEnvOrExit();
  const logger = pino(
    { level: env.LOG_LEVEL, ...(telemetrySettings(env).settings?.traces && { mixin: traceOfLine }) },
    process.stdout.isTTY ? pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) : undefined,
  );
  const stack = createCloseStack((error) => logger.error({ err: error }, 'could not close cleanly'));

  async function close(exitCode: number): Promise<never> {
    setTimeout(() => process.exit(1), env.SHUTDOWN_TIMEOUT + closeWithinMs).unref();
    await stack[Symbol.asyncDispose]();
    process.exit(exitCode);
  }

  /** The first signal lets running tests end, the second stops them, the third ends the process without a record of that. */
  let signals = 0;
  let interruptedAt = -Infinity;
  const forceStop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      const isEcho = signal === 'SIGINT' && performance.now() - interruptedAt < echoMs;
      if (isEcho) return;
      if (signal === 'SIGINT') interruptedAt = performance.now();
      signals += 1;
      if (signals > 2) process.exit(1);
      if (signals === 2) return forceStop.abort();
      logger.info({ signal }, 'stopping');
      void close(0);
    });

  try {
    await start(env, {
      logger,
      stack,
      drainMs,
      forceStop: forceStop.signal,
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

await main();
