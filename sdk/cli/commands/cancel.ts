import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { addressOfRun, runTitle } from '#shared/run-export/run-words.ts';
import { type CommandContext, examples, type GlobalOptions, withConnection } from './command-context.ts';
import { parseRunReference } from './run-reference.ts';

export function addCancel({ program, host, run }: CommandContext): void {
  const command = program
    .command('cancel')
    .description('cancel a run, wherever it is executed')
    .argument('<run>', 'its id or its address')
    .addHelpText('after', examples(['runlight cancel 01980000-0000-7000-8000-000000000000', 'a run by its id']))
    .action((text: string) =>
      run(() => {
        const { runId, url } = parseRunReference(text);
        return withConnection(
          host,
          command.optsWithGlobals<GlobalOptions>(),
          async ({ runlight }) => {
            const found = await runlight.runs.byId.query({ runId });
            const { status } = await runlight.runs.cancel.mutate({ runId });
            const said = status === 'cancelled' ? 'Cancelled' : 'Asked to cancel';
            host.stdout.write(`${said} ${runTitle(found)}: ${addressOfRun(runlight.url, runId)}\n`);
            return exitCodes.passed;
          },
          url,
        );
      }),
    );
}
