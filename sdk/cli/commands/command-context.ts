import type { Command } from 'commander';
import { RefusedError } from '#sdk/client/errors.ts';
import { type Access, type AccessOptions, readAccess } from '#sdk/cli/config/access.ts';
import { connect, type Connection } from '#sdk/cli/config/connect.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { type ExitCode, exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';

/** Flags that every command takes. */
export interface GlobalOptions extends AccessOptions {
  color?: boolean | undefined;
}

/** What commands are made with. */
export interface CommandContext {
  host: Host;
  program: Command;
  /** Ends the program with the exit code that `action` resolves to. */
  run(action: () => Promise<ExitCode>): Promise<void>;
}

/** Calls Runlight as the flags, the environment or the stored login say. */
export async function withConnection(
  host: Host,
  options: AccessOptions,
  use: (connection: Connection, access: Access) => Promise<ExitCode>,
  addressOfRun?: string,
): Promise<ExitCode> {
  const access = await readAccess(host, options, addressOfRun);
  try {
    return await use(connect(access), access);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 'UNAUTHORIZED') throw error;
    throw new CliError(
      `${error.message} The token is that of ${access.tokenFrom}; \`runlight login\` stores another one.`,
      exitCodes.notAllowed,
    );
  }
}

/** Examples below the help of a command. */
export function examples(...lines: [command: string, what: string][]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, what]) => `  $ ${command.padEnd(width)}  ${what}`).join('\n')}\n`;
}
