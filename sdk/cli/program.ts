import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { addCancel } from './commands/cancel.ts';
import type { CommandContext } from './commands/command-context.ts';
import { addCompletion } from './commands/completion.ts';
import { addLogin, addLogout } from './commands/login.ts';
import { addOpen } from './commands/open.ts';
import { addPush } from './commands/push.ts';
import { addRun } from './commands/run.ts';
import { isId } from './commands/run-reference.ts';
import { addStatus } from './commands/status.ts';
import { addWatch } from './commands/watch.ts';
import { addWhoami } from './commands/whoami.ts';
import { describeError } from './describe-error.ts';
import { type ExitCode, exitCodeOfError, exitCodes } from './process/exit-codes.ts';
import type { Host } from './process/host.ts';

/** Carries out a command line and resolves to its exit code. Writes errors to stderr; throws nothing. */
export async function runProgram(host: Host): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.passed;
  const program = createProgram(host, async (action) => {
    exitCode = await action();
  });
  try {
    await program.parseAsync(host.argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.passed : exitCodes.wrongUse;
    host.stderr.write(`${describeError(error, host)}\n`);
    return exitCodeOfError(error);
  }
}

export function createProgram(host: Host, run: CommandContext['run']): Command {
  const program = new Command('runlight');
  program
    .description('Starts and watches Playwright runs of a Runlight.')
    .version(readVersion(), '-v, --version', 'print the version')
    .option('--url <address>', 'address of Runlight; default: RUNLIGHT_URL, then the stored login')
    .option('--token <token>', 'API key or access token; default: RUNLIGHT_TOKEN, then the stored login')
    .option('--project <id>', 'id of the project; default: RUNLIGHT_PROJECT, then that of the token', collect)
    .hook('preAction', (_program, command) => settleProject(program, command))
    // In this order, neither of them is the default.
    .addOption(new Option('--color').hideHelp())
    .option('--no-color', 'print without colours')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      // What follows "=" may be a token.
      outputError: (text, write) => write(text.replaceAll(/(--[\w-]+=)[^\s']+/g, '$1…')),
    })
    .showHelpAfterError('(--help shows what there is.)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 passed, 1 failed, 2 not allowed, 3 wrong use, 4 Runlight cannot be reached or is at fault,\n5 timed out, 130 cancelled.\n',
    );
  const context: CommandContext = { host, program, run };
  for (const add of [
    addLogin,
    addLogout,
    addWhoami,
    addPush,
    addRun,
    addWatch,
    addCancel,
    addStatus,
    addOpen,
    addCompletion,
  ])
    add(context);
  return program;
}

const collect = (value: string, values: string[] = []) => [...values, value];

/** `--project` names a project of Runlight by its id or, with `run`, Playwright projects of the suite by their names. */
function settleProject(program: Command, command: Command): void {
  const given: string[] = program.getOptionValue('project') ?? [];
  const isOfSuite = (value: string) => command.name() === 'run' && !isId(value);
  program.setOptionValue(
    'project',
    given.findLast((value) => !isOfSuite(value)),
  );
  const names = given.filter(isOfSuite);
  if (names.length > 0) command.setOptionValue('playwrightProjects', names);
}

/** The package's, which stands beside the bundle. */
function readVersion(): string {
  const manifest = readFileSync(new URL('package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
