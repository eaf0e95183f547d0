import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { toJsonLine } from '#shared/clean-text.ts';
import { type CommandContext, examples, type GlobalOptions, withConnection } from './command-context.ts';
import { identityText } from './identity-text.ts';

export function addWhoami({ program, host, run }: CommandContext): void {
  const command = program
    .command('whoami')
    .description('say which Runlight is used, as whom, and in which project')
    .option('--json', 'print a line of JSON')
    .addHelpText('after', examples(['runlight whoami', ''], ['runlight whoami --json | jq -r .role', 'for programs']))
    .action(() =>
      run(() => {
        const options = command.optsWithGlobals<GlobalOptions & { json?: boolean }>();
        return withConnection(host, options, async ({ runlight }, { url, tokenFrom }) => {
          const me = await runlight.account.me.query();
          const { kind, id, name, role, project } = me;
          const json = { url, kind, id, name, role, project, tokenFrom };
          const text = `${url}\n${identityText(me)}\nThe token is that of ${tokenFrom}.`;
          host.stdout.write(`${options.json ? toJsonLine(json) : text}\n`);
          return exitCodes.passed;
        });
      }),
    );
}
