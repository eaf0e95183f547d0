import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface SuiteFolder extends Disposable {
  dir: string;
  /** A name that ends with a slash is a folder. */
  write(name: string, content: string | Buffer): void;
  git(...args: string[]): Buffer;
}

/** The files that every suite has. */
export const smallSuite = { 'package.json': '{}', 'package-lock.json': '{}', 'playwright.config.ts': '' };

/** A folder with these files, without a repository. */
export function suiteFolder(files: Record<string, string | Buffer> = {}): SuiteFolder {
  const dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'runlight-push-')));
  const write = (name: string, content: string | Buffer) => {
    const file = path.join(dir, name);
    mkdirSync(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(file, content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return {
    dir,
    write,
    git: (...args) =>
      execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
        cwd: dir,
        env: { PATH: process.env.PATH, HOME: '/nowhere' },
        stdio: 'pipe',
      }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
