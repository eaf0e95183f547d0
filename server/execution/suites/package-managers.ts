import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { UnpackedSuite } from './suite-bundle.ts';
import { SuiteFault } from './suite-stop.ts';

export type PackageManager = 'npm' | 'pnpm' | 'yarn';

export interface InstallCommand {
  /** For people. */
  title: string;
  command: string[];
  /** Folders that the package manager reads. */
  readOnly: string[];
  env: Record<string, string>;
}

const nodePrefix = path.resolve(realpathSync(process.execPath), '../..');
const ownCorepack = path.join(nodePrefix, 'lib/node_modules/corepack');
const usualPath = [...new Set(['/usr/local/bin', '/usr/bin', '/bin', path.dirname(process.execPath)])].join(
  path.delimiter,
);
const commonEnv = {
  CI: '1',
  HUSKY: '0',
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
  npm_config_update_notifier: 'false',
  YARN_NODE_LINKER: 'node-modules',
  YARN_ENABLE_TELEMETRY: '0',
  YARN_ENABLE_GLOBAL_CACHE: '1',
  YARN_ENABLE_PROGRESS_BARS: '0',
  COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
  COREPACK_ENABLE_STRICT: '0',
};

/**
 * How a suite is installed by exactly its lock file. Throws a `SuiteFault` if this worker lacks the package manager. pnpm and Yarn
 * are looked for on the PATH, and then in Corepack, which fetches the version that `packageManager` in package.json names.
 */
export function installCommand(
  packageManager: PackageManager,
  suite: Pick<UnpackedSuite, 'isBerry' | 'yarnPath'>,
  options: { insideDir: string; hasNetwork: boolean; searchPath?: string | undefined; corepackDir?: string },
): InstallCommand {
  const { insideDir, hasNetwork, searchPath = usualPath, corepackDir = ownCorepack } = options;
  const env = { ...commonEnv, ...(!hasNetwork && { npm_config_fetch_retries: '0', YARN_HTTP_RETRY: '0' }) };
  switch (packageManager) {
    case 'npm': {
      const found = npm(searchPath);
      const title = 'npm ci';
      return {
        title,
        command: [...found.command, 'ci', '--include=dev', '--no-audit', '--no-fund'],
        readOnly: found.readOnly,
        env,
      };
    }
    case 'pnpm': {
      const found = program('pnpm', searchPath, corepackDir);
      const title = 'pnpm install --frozen-lockfile';
      const args = [
        'install',
        '--frozen-lockfile',
        '--prod=false',
        `--store-dir=${path.join(insideDir, 'home/.pnpm')}`,
      ];
      return { title, command: [...found.command, ...args], readOnly: found.readOnly, env };
    }
    case 'yarn': {
      const found =
        suite.yarnPath === null
          ? program('yarn', searchPath, corepackDir)
          : { command: [process.execPath, path.join(insideDir, 'home/suite', suite.yarnPath)], readOnly: [] };
      const args = suite.isBerry
        ? ['install', '--immutable']
        : ['install', '--frozen-lockfile', '--production=false', '--non-interactive', '--no-progress'];
      return {
        title: `yarn ${args.slice(0, 2).join(' ')}`,
        command: [...found.command, ...args],
        readOnly: found.readOnly,
        env,
      };
    }
  }
}

interface Found {
  command: string[];
  readOnly: string[];
}

/** The npm of this Node. Throws a `SuiteFault` if there is none. */
export function npm(searchPath = usualPath): Found {
  const own = path.join(nodePrefix, 'lib/node_modules/npm/bin/npm-cli.js');
  const cli = existsSync(own) ? own : onPath('npm', searchPath);
  if (cli === undefined) throw new SuiteFault('This worker has no npm: install it beside its Node.');
  return { command: [process.execPath, cli], readOnly: [path.resolve(cli, '../..')] };
}

function program(name: 'pnpm' | 'yarn', searchPath: string, corepackDir: string): Found {
  const found = onPath(name, searchPath);
  // A script of Node, or a program.
  if (found !== undefined)
    return /\.[cm]?js$/.test(found)
      ? { command: [process.execPath, found], readOnly: [path.resolve(found, '../..')] }
      : { command: [found], readOnly: [path.dirname(found)] };
  const corepack = path.join(corepackDir, 'dist', `${name}.js`);
  if (existsSync(corepack)) return { command: [process.execPath, corepack], readOnly: [corepackDir] };
  throw new SuiteFault(
    `This worker has no ${name}: install it there (npm install --global ${name}, or corepack), or push the suite with the lock file of npm.`,
  );
}

function onPath(name: string, searchPath: string): string | undefined {
  const file = searchPath
    .split(path.delimiter)
    .map((dir) => path.join(dir, name))
    .find((it) => statSync(it, { throwIfNoEntry: false })?.isFile());
  return file === undefined ? undefined : realpathSync(file);
}
