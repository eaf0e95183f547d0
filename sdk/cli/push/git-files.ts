import { execFile } from 'node:child_process';
import type { Host } from '#sdk/cli/process/host.ts';

/** Bytes of names. */
const mostOutput = 512_000_000;

/** Set by git for its hooks, and about another folder than the one that is asked about. */
const ofHooks = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR']);

/** Paths that git prints for a folder, relative to it, or why it prints none. */
export type GitFiles = { paths: Buffer[] } | { failure: string };

/** What git tracks or would track in `dir`. Repositories in it are folders of their own. */
export function trackedFiles(dir: string, env: Host['env']): Promise<GitFiles> {
  return listFiles(dir, env, ['--cached', '--others', '--exclude-standard']);
}

/** What git ignores in `dir`; folders as a whole. */
export function ignoredFiles(dir: string, env: Host['env']): Promise<GitFiles> {
  return listFiles(dir, env, ['--others', '--ignored', '--exclude-standard', '--directory']);
}

function listFiles(cwd: string, env: Host['env'], args: string[]): Promise<GitFiles> {
  return new Promise((resolve) => {
    const variables = Object.fromEntries(Object.entries(env).filter(([name]) => !ofHooks.has(name)));
    const options = {
      cwd,
      env: { ...variables, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
      encoding: 'buffer',
      maxBuffer: mostOutput,
      windowsHide: true,
    } as const;
    execFile('git', ['ls-files', '-z', ...args], options, (error, stdout, stderr) => {
      const said = stderr.toString().trim();
      // It exits with 0 where it could not look into a folder.
      if (!error && said === '') return resolve({ paths: splitAtNul(stdout) });
      const isMissing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      resolve({ failure: isMissing ? 'there is no git' : said.split('\n')[0] || String(error?.message) });
    });
  });
}

function splitAtNul(output: Buffer): Buffer[] {
  const paths: Buffer[] = [];
  for (let from = 0; from < output.length;) {
    const end = output.indexOf(0, from);
    paths.push(output.subarray(from, end));
    from = end + 1;
  }
  return paths;
}
