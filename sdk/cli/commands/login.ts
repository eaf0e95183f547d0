import { RefusedError } from '#sdk/client/errors.ts';
import { checkToken, parseAddress } from '#sdk/cli/config/access.ts';
import { configPath, removeConfig, writeConfig } from '#sdk/cli/config/config-file.ts';
import { connect } from '#sdk/cli/config/connect.ts';
import { CliError } from '#sdk/cli/process/cli-error.ts';
import { type ExitCode, exitCodes } from '#sdk/cli/process/exit-codes.ts';
import { type Host, isInteractive } from '#sdk/cli/process/host.ts';
import { type CommandContext, examples, type GlobalOptions } from './command-context.ts';
import { identityText } from './identity-text.ts';

/** Someone waits. */
const timeoutMs = 10_000;

export function addLogin({ program, host, run }: CommandContext): void {
  const command = program
    .command('login')
    .description('check an address and a token, and store them for the commands that follow')
    .addHelpText(
      'after',
      examples(
        ['runlight login', 'asks for the address and the token'],
        ['runlight login --url https://runlight.example.com < token.txt', 'reads the token from its input'],
      ),
    )
    .addHelpText(
      'after',
      `\nThe token is an API key (in Runlight: Settings, API keys), or the content of .runlight/access-token for a Runlight\nwithout accounts. It is stored in ${configPath(host)}, which only you can read.\n`,
    )
    .action(() => run(() => login(host, command.optsWithGlobals<GlobalOptions>())));
}

export function addLogout({ program, host, run }: CommandContext): void {
  program
    .command('logout')
    .description('forget the stored address and token')
    .addHelpText('after', examples(['runlight logout', 'the key itself stays valid: revoke it in Settings']))
    .action(() =>
      run(async () => {
        const file = await removeConfig(host);
        host.stdout.write(file ? `Removed ${file}.\n` : 'There was no stored login.\n');
        return exitCodes.passed;
      }),
    );
}

async function login(host: Host, options: GlobalOptions): Promise<ExitCode> {
  const { RUNLIGHT_URL, RUNLIGHT_PROJECT } = host.env;
  const given = options.url ?? (RUNLIGHT_URL || undefined);
  if (given === undefined && !isInteractive(host))
    throw new CliError('The address of Runlight is missing: pass --url, or set RUNLIGHT_URL.', exitCodes.wrongUse);
  const { url, token: ofAddress } = parseAddress(given ?? (await ask(host, 'url')), given ? '--url' : 'your answer');
  const token = await readToken(host, options.token ?? ofAddress, url);
  const project = options.project ?? (RUNLIGHT_PROJECT || undefined);
  const { runlight } = connect({ url, token, project, tokenFrom: 'the login' }, { timeoutMs });
  const me = await runlight.account.me.query().catch((error: unknown) => {
    if (!(error instanceof RefusedError) || error.code !== 'FORBIDDEN') throw error;
    throw new CliError(
      `${error.message} A key with the role "reporter" only reports runs: create one with the role "editor" for the command line.`,
      exitCodes.notAllowed,
    );
  });
  const file = await writeConfig(host, { url, token, ...(project && { project }) });
  host.stdout.write(`Logged in to ${url} as ${identityText(me)}.\nStored in ${file}.\n`);
  if (host.env['RUNLIGHT_TOKEN'] && host.env['RUNLIGHT_TOKEN'] !== token)
    host.stderr.write('RUNLIGHT_TOKEN is set, and comes before the stored token.\n');
  return exitCodes.passed;
}

/** From flag or address, the environment, the input, or the user. */
async function readToken(host: Host, given: string | undefined, url: string): Promise<string> {
  if (given !== undefined) return checkToken(given, '--token');
  if (host.env['RUNLIGHT_TOKEN']) return checkToken(host.env['RUNLIGHT_TOKEN'], 'RUNLIGHT_TOKEN');
  if (isInteractive(host)) return checkToken(await ask(host, 'token', url), 'your answer');
  if (host.stdin.isTTY)
    throw new CliError('The token is missing: pass it as input, or set RUNLIGHT_TOKEN.', exitCodes.wrongUse);
  const chunks: string[] = [];
  for await (const chunk of host.stdin) {
    chunks.push(String(chunk));
    if (chunks.join('').length > 10_000) break;
  }
  return checkToken(chunks.join(''), 'the input');
}

async function ask(host: Host, what: 'url' | 'token', url?: string): Promise<string> {
  const { isCancel, password, text } = await import('@clack/prompts');
  const streams = { input: host.stdin, output: host.stdout };
  const answer =
    what === 'url'
      ? await text({ message: 'Address of Runlight', placeholder: 'https://runlight.example.com', ...streams })
      : await password({ message: `API key (${url}/settings, API keys)`, ...streams });
  if (isCancel(answer)) throw new CliError('Nothing was stored.', exitCodes.cancelled);
  return answer ?? '';
}
