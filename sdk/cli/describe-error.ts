import { RunlightError } from '#sdk/client/errors.ts';
import { cleanText, withoutCiCommands } from '#shared/clean-text.ts';
import { CliError } from './process/cli-error.ts';
import type { Host } from './process/host.ts';

/** What the user reads of an error. Holds no key, and nothing that a terminal or a CI acts on. */
export function describeError(error: unknown, { env }: Pick<Host, 'env'>): string {
  const isExpected = error instanceof CliError || error instanceof RunlightError;
  const text = isExpected ? error.message : `Unexpected: ${error instanceof Error ? error.stack : String(error)}`;
  const secret = env['RUNLIGHT_TOKEN'];
  const redacted = (secret && secret.length > 5 ? text.replaceAll(secret, '…') : text).replaceAll(
    /\brl_[\w-]{6,}/g,
    'rl_…',
  );
  return withoutCiCommands(cleanText(redacted));
}
