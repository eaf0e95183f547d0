import { readUrl } from '#sdk/cli/config/access.ts';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { isInteractive } from '#sdk/cli/process/host.ts';
import { addressOfRun } from '#shared/run-export/run-words.ts';
import { type CommandContext, examples, type GlobalOptions } from './command-context.ts';
import { parseRunReference } from './run-reference.ts';

export function addOpen({ program, host, run }: CommandContext): void {
  const command = program
    .command('open')
    .description('open Runlight or a run in the browser; without a terminal, print the address')
    .argument('[run]', 'its id or its address')
    .option('--print', 'print the address, and open nothing')
    .addHelpText(
      'after',
      examples(
        ['runlight open', 'Runlight itself'],
        ['runlight open 01980000-0000-7000-8000-000000000000', 'a run by its id'],
      ),
    )
    .action((text: string | undefined) =>
      run(async () => {
        const options = command.optsWithGlobals<GlobalOptions & { print?: boolean }>();
        const reference = text === undefined ? undefined : parseRunReference(text);
        const url = await readUrl(host, options, reference?.url);
        const address = reference ? addressOfRun(url, reference.runId) : url;
        host.stdout.write(`${address}\n`);
        if (options.print || !isInteractive(host)) return exitCodes.passed;
        const { default: open } = await import('open');
        try {
          await open(address);
        } catch (error) {
          host.stderr.write(`No browser could be opened: ${(error as Error).message}\n`);
        }
        return exitCodes.passed;
      }),
    );
}
