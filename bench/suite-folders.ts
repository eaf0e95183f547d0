import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type SuiteFolder, suiteFolder } from '#server/testing/suite-folder.ts';

const root = path.dirname(import.meta.dirname);

/** A suite as its authors have it, with a repository, a lock file and its packages. */
export function installedSuite(name: string, files: Readonly<Record<string, string>>): SuiteFolder {
  const manifest = readFileSync(path.join(root, 'node_modules/@playwright/test/package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const suite = suiteFolder({
    ...files,
    'package.json': JSON.stringify({ name, private: true, devDependencies: { '@playwright/test': version } }),
    '.gitignore': 'node_modules/\ntest-results*/\nplaywright-report/\n',
  });
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: suite.dir, stdio: 'ignore' });
  commitAll(suite);
  return suite;
}

export function commitAll({ git }: SuiteFolder): void {
  git('init', '-qb', 'main');
  git('add', '-A');
  git('commit', '-qm', 'all');
}

/** `npx playwright test`, from its start to its end in ms. Throws if it does not pass. */
export async function playwrightTest(
  cwd: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<number> {
  const startedAt = performance.now();
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const child = spawn('env', [...variables, 'npx', 'playwright', 'test', ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`\`npx playwright test\` ended with ${code}`);
  return performance.now() - startedAt;
}
