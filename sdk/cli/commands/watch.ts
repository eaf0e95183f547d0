import { watchRun } from '#sdk/cli/watch/watch-run.ts';
import { type CommandContext, examples, withConnection } from './command-context.ts';
import { parseRunReference } from './run-reference.ts';
import { addWatchOptions, toWatchOptions, type WatchFlags } from './watch-options.ts';

export function addWatch({ program, host, run }: CommandContext): void {
  const command = program
    .command('watch')
    .description('watch a run until it is over, from its begin on; never cancels it')
    .argument('<run>', 'its id or its address');
  addWatchOptions(command, { timeout: 'stop watching after this time, such as 15m; the run goes on' })
    .addHelpText(
      'after',
      examples(
        ['runlight watch 01980000-0000-7000-8000-000000000000', 'a run by its id'],
        ['runlight watch https://runlight.example.com/runs/01980000-…', 'by its address'],
        ['runlight watch "$RUN" --junit results.xml', 'with a report for the CI'],
      ),
    )
    .action((text: string) =>
      run(() => {
        const { runId, url } = parseRunReference(text);
        const options = command.optsWithGlobals<WatchFlags>();
        return withConnection(
          host,
          options,
          async (connection) => {
            const found = await connection.runlight.runs.byId.query({ runId });
            return watchRun(host, { connection, run: found, isOurs: false }, toWatchOptions(options));
          },
          url,
        );
      }),
    );
}
