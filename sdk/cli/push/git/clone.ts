import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { misuse, quoted } from '#sdk/cli/push/misuse.ts';
import { cleanLine } from '#shared/clean-text.ts';
import { createProgressFilter } from './git-progress.ts';

/** Where a suite is in git. */
export interface GitSource {
  /** `https` or `http`, without user and password. */
  url: string;
  branch: string;
  /** What the server takes as a password; null: it asks for none. */
  token: string | null;
  /** The variable that has the token, for messages. */
  tokenName: string | null;
  /** The environment of git: proxies and certificates. */
  env: Record<string, string | undefined>;
}

/** Of a server that sends nothing, in s. */
const patience = 60;

/** Answers git's questions for the one server that shall have the token, and no other: a repository may lead elsewhere. */
const askScript = `#!/bin/sh
case "$1" in
"Username for '$RUNLIGHT_GIT_SERVER': ") echo git ;;
"Password for '\${RUNLIGHT_GIT_SERVER%%://*}://git@\${RUNLIGHT_GIT_SERVER#*://}': ") printf '%s\\n' "$RUNLIGHT_GIT_TOKEN" ;;
*) exit 1 ;;
esac
`;

/**
 * Git with a token that stands in no command line, file or address: git asks a program for it, which reads the environment. Git does
 * not read the machine's own configuration, speaks no other protocol, and never prompts.
 */
export class GitClient {
  readonly #source: GitSource;
  readonly #dir: string;

  private constructor(source: GitSource, dir: string) {
    this.#source = source;
    this.#dir = dir;
  }

  /** `dir` is an empty folder of its own. */
  static async in(dir: string, source: GitSource): Promise<GitClient> {
    const asked = path.join(dir, 'ask');
    await mkdir(path.join(dir, 'home'), { recursive: true });
    await writeFile(asked, askScript);
    await chmod(asked, 0o700);
    return new GitClient(source, dir);
  }

  /** The commit that the branch is at. Throws a `CliError` that says what is wrong, and what to do. */
  async findCommit(): Promise<string> {
    const { url, branch } = this.#source;
    const printed = await this.#run(['ls-remote', '--', url, `refs/heads/${branch}`]);
    const commit = /^([0-9a-f]{40,64})\t/.exec(printed)?.[1];
    if (commit) return commit;
    throw misuse(
      `The repository ${quoted(url)} has no branch ${quoted(branch)}: push it there, or name another branch.`,
    );
  }

  /**
   * Makes `to` a folder with the newest files of the branch, without history and submodules. `onProgress` gets lines of git. Throws
   * as `findCommit`.
   */
  async clone(to: string, onProgress: (line: string) => void): Promise<void> {
    const { url, branch } = this.#source;
    const shallow = ['--depth=1', '--single-branch', '--no-tags', '--no-recurse-submodules', `--branch=${branch}`];
    await this.#run(['clone', '--progress', ...shallow, '--', url, to], onProgress);
  }

  #run(args: readonly string[], onProgress?: (line: string) => void): Promise<string> {
    const { url, token, env } = this.#source;
    const options = {
      cwd: this.#dir,
      maxBuffer: 16_000_000,
      env: {
        ...env,
        HOME: path.join(this.#dir, 'home'),
        LC_ALL: 'C',
        GIT_ALLOW_PROTOCOL: 'http:https',
        GIT_ASKPASS: token === null ? 'true' : path.join(this.#dir, 'ask'),
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_HTTP_LOW_SPEED_LIMIT: '1',
        GIT_HTTP_LOW_SPEED_TIME: String(patience),
        GIT_LFS_SKIP_SMUDGE: '1',
        GIT_TERMINAL_PROMPT: '0',
        ...(token !== null && { RUNLIGHT_GIT_SERVER: new URL(url).origin, RUNLIGHT_GIT_TOKEN: token }),
      },
    };
    const config = ['-c', 'core.hooksPath=/dev/null', '-c', 'credential.helper=', '-c', 'http.followRedirects=initial'];
    return new Promise((resolve, reject) => {
      const child = execFile('git', [...config, ...args], options, (error, stdout, stderr) => {
        if (error) reject(this.#fault(error, stderr));
        else resolve(stdout);
      });
      if (onProgress) child.stderr!.on('data', createProgressFilter(onProgress));
    });
  }

  #fault(error: Error & { code?: unknown; signal?: unknown }, said: string): Error {
    const { url, branch, token, tokenName } = this.#source;
    if (error.code === 'ENOENT')
      return misuse('The worker has no git: install it there, or push the suite instead (npx runlight push).');
    const asked = /could not read (?:Username|Password) for '([^']+)'/.exec(said)?.[1];
    const other = asked === undefined ? undefined : new URL(asked).origin;
    if (token !== null && other !== undefined && other !== new URL(url).origin)
      return misuse(
        `The repository ${quoted(url)} has moved to ${quoted(other)}, which does not get the token: correct the address.`,
      );
    if (/Authentication failed|could not read (Username|Password)|returned error: 40[13]/.test(said))
      return misuse(
        token === null
          ? `The repository ${quoted(url)} needs a token, or does not exist: name a secret variable of the project that has one.`
          : `The server of ${quoted(url)} does not accept the token of the variable ${tokenName}, or has no such repository: ` +
              'check its value, its expiry, and that it may read the repository.',
      );
    if (/Remote branch .* not found/.test(said))
      return misuse(`The repository ${quoted(url)} has no branch ${quoted(branch)}.`);
    if (/repository .* not found|returned error: 404/i.test(said))
      return misuse(`There is no repository ${quoted(url)}, or its token may not see it: check the address.`);
    // A file that is larger than allowed kills git, or a program of its own, which says nothing then.
    if (error.signal === 'SIGXFSZ' || /File too large|No space left|invalid index-pack output/i.test(said))
      return misuse(
        `The newest commit of ${quoted(branch)} is too large for a worker. Keep the suite in a smaller repository, or push it: ` +
          'npx runlight push.',
      );
    const last =
      said
        .trim()
        .split(/[\r\n]/)
        .at(-1) || error.message;
    return misuse(
      `The repository ${quoted(url)} cannot be fetched: ${cleanLine(last)}. Check the address, and that this worker reaches it.`,
    );
  }
}
