import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';

export interface Browser {
  kind: 'given' | 'playwright' | 'system';
  executablePath: string;
  /** Files and folders that the browser reads. */
  readOnly: string[];
  /** Playwright's ffmpeg, which records videos, and the folder of Playwright's browsers that contains it. */
  ffmpeg: { dir: string; registryDir: string } | undefined;
}

const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Finds the Chromium for tests: `path` (BROWSER_PATH), else Playwright's own, else the system's. Undefined if there is none.
 * Throws if `path` is not a program.
 */
export function findBrowser(options: { path?: string | undefined; searchPath?: string }): Browser | undefined {
  if (options.path !== undefined) {
    if (!isProgram(options.path))
      throw new Error(
        `BROWSER_PATH=${options.path} is not a program that can be run: give the path of a Chromium or Chrome.`,
      );
    return describe('given', options.path);
  }
  const own = [...headlessShells(chromium.executablePath()), chromium.executablePath()].find(isProgram);
  if (own !== undefined) return describe('playwright', own);
  const folders = (options.searchPath ?? '/usr/local/bin:/usr/bin:/bin:/snap/bin').split(path.delimiter);
  const found = folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(isProgram);
  return found === undefined ? undefined : describe('system', found);
}

/** The programs of Playwright's smaller and faster headless build, which is installed beside its Chromium. */
function headlessShells(chromiumPath: string): string[] {
  const chromiumDir = path.resolve(chromiumPath, '../..');
  const dir = chromiumDir.replace(/chromium-(\d+)$/, 'chromium_headless_shell-$1');
  return namesIn(dir).flatMap((platform) =>
    ['chrome-headless-shell', 'headless_shell'].map((file) => path.join(dir, platform, file)),
  );
}

function namesIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

function describe(kind: Browser['kind'], file: string): Browser {
  const executablePath = realpathSync(file);
  // <registry>/chromium-<revision>/<platform>/<program>
  const registryDir = path.resolve(chromium.executablePath(), '../../..');
  const name = namesIn(registryDir).find((name) => name.startsWith('ffmpeg-'));
  const ffmpeg = name === undefined ? undefined : { dir: path.join(registryDir, name), registryDir };
  return { kind, executablePath, readOnly: [path.dirname(executablePath)], ffmpeg };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
