import type { Logger } from 'pino';
import type { Env } from '#server/config/env.ts';
import { version } from '#server/config/installation.ts';
import { telemetrySettings } from '#server/config/telemetry-settings.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import type { Telemetry } from '#server/telemetry/start-telemetry.ts';

/** Logs the faults of its settings. OpenTelemetry's SDK is imported only where something is sent; undefined elsewhere. */
export async function openTelemetry(
  env: Env,
  { logger, stack }: { logger: Logger; stack: CloseStack },
): Promise<Telemetry | undefined> {
  const { settings, faults } = telemetrySettings(env);
  for (const fault of faults) logger.warn(`OpenTelemetry: ${fault}`);
  if (!settings) return undefined;
  const { startTelemetry } = await import('#server/telemetry/start-telemetry.ts');
  return startTelemetry(settings, { logger, version, stack });
}
