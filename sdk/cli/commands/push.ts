import type { Connection } from '#sdk/cli/config/connect.ts';
import { type ExitCode, exitCodes } from '#sdk/cli/process/exit-codes.ts';
import type { Host } from '#sdk/cli/process/host.ts';
import { type PreparedSuite, prepareSuite, type SuiteChoice } from '#sdk/cli/push/prepare-suite.ts';
import { createPushProgress, type PushProgress } from '#sdk/cli/push/push-progress.ts';
import { type PushedSuite, pushSuite } from '#sdk/cli/push/push-suite.ts';
import { addressOfSuite, listLine, listText, pushedLine, pushedText } from '#sdk/cli/push/push-text.ts';
import { type CommandContext, examples, type GlobalOptions, withConnection } from './command-context.ts';

interface PushFlags extends GlobalOptions, Omit<SuiteChoice, 'dir'> {
  dryRun?: boolean;
  list?: boolean;
  json?: boolean;
}

export function addPush({ program, host, run }: CommandContext): void {
  const command = program
    .command('push')
    .description("push a team's own suite, so that workers can run it; nothing is sent that Runlight knows")
    .argument('[dir]', 'a folder of the suite; default: this one')
    .option('-c, --config <file>', "Playwright's config; default: the nearest one, up to the root of the repository")
    .option('--suite <name>', 'name of the suite; default: RUNLIGHT_SUITE, then the name in package.json')
    .option('--dry-run', 'send nothing; say what is left out and why')
    .option('--list', 'send nothing; name each file, too')
    .option('--json', 'print a line of JSON')
    .addHelpText(
      'after',
      examples(
        ['runlight push', 'the suite in this folder'],
        ['runlight push apps/shop', 'that of another folder'],
        ['runlight push --list', 'what would be sent'],
        ['runlight push --json | jq -r .bundleId', 'for programs'],
      ),
    )
    .action((dir: string | undefined) =>
      run(async () => {
        const options = { ...command.optsWithGlobals<PushFlags>(), dir };
        if (options.dryRun || options.list) return list(host, options);
        return withConnection(host, options, async (connection) => {
          const { suite, pushed } = await pushFolder(host, connection, options);
          const { url } = connection.runlight;
          const text = `${pushedText(suite, pushed)}\n${addressOfSuite(url, pushed.suiteId)}`;
          host.stdout.write(`${options.json ? pushedLine(suite, pushed, url) : text}\n`);
          return exitCodes.passed;
        });
      }),
    );
}

async function list(host: Host, options: PushFlags & SuiteChoice): Promise<ExitCode> {
  const { json = false, list: isWhole = false } = options;
  using progress = createPushProgress(host, { isQuiet: json });
  const suite = await prepare(host, options, progress);
  progress[Symbol.dispose]();
  host.stdout.write(json ? `${listLine(suite)}\n` : listText(suite, { isWhole }));
  return exitCodes.passed;
}

/** Pushes the suite of a folder. Shows how far it is, and prints nothing that stays but notices. */
export async function pushFolder(
  host: Host,
  connection: Connection,
  options: SuiteChoice & { json?: boolean | undefined },
): Promise<{ suite: PreparedSuite; pushed: PushedSuite }> {
  using progress = createPushProgress(host, { isQuiet: options.json ?? false });
  const suite = await prepare(host, options, progress);
  return { suite, pushed: await pushSuite(host, connection, suite, progress) };
}

async function prepare(host: Host, choice: SuiteChoice, progress: PushProgress): Promise<PreparedSuite> {
  const suite = await prepareSuite(host, choice, (done, all) =>
    progress.show(`Reading ${done.toLocaleString('en')} of ${all.toLocaleString('en')} files`),
  );
  if (suite.withoutGit)
    progress.notice(`Files are left out by .gitignore files alone, since git says: ${suite.withoutGit}`);
  return suite;
}
