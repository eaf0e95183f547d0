import { Argument } from 'commander';
import { exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { completionScript, shells, type Shell } from './completion-scripts.ts';
import { type CommandContext, examples } from './command-context.ts';

export function addCompletion({ program, host, run }: CommandContext): void {
  program
    .command('completion')
    .description('print a script that completes commands and flags in your shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      examples(
        ['source <(runlight completion bash)', 'in ~/.bashrc'],
        ['source <(runlight completion zsh)', 'in ~/.zshrc, after compinit'],
        ['runlight completion fish | source', 'in ~/.config/fish/config.fish'],
      ),
    )
    .action((shell: Shell) =>
      run(async () => {
        host.stdout.write(completionScript(shell, program));
        return exitCodes.passed;
      }),
    );
}
