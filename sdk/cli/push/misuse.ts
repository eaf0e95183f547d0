import { CliError } from '#sdk/cli/process/cli-error.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { cleanLine } from '#shared/clean-text.ts';

/** A suite that cannot be pushed as it is. */
export const misuse = (message: string) => new CliError(message, exitCodes.wrongUse);

/** The name of a file in a message: on one line, and in quotation marks. */
export const quoted = (file: string) => `"${cleanLine(file)}"`;
