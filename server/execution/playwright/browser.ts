import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { chromium, firefox, webkit } from '@playwright/test';

export interface Browser {
  kind: 'given' | 'playwright' | 'system';
  /** Chromium. */
  executablePath: string;
  /** Playwright's own Firefox and WebKit, where they are installed. There are no others that Playwright can drive. */
  others?: { name: 'firefox' | 'webkit'; executablePath: string }[];
  /** Playwright's ffmpeg, which records videos. */
  ffmpeg?: string | undefined;
  /** Files and folders that these programs read. */
  readOnly: string[];
}

/** Replaces Playwright's own message, which advises to install a browser in the sandbox. */
export const noBrowser =
  'This test needs a browser and the worker has none: run `npx playwright install chromium` there, or set BROWSER_PATH to a Chromium or Chrome.';

/** The programs of a worker, by their names in Playwright's registry. */
export function executablesOf(browser: Browser | undefined): Record<string, string | undefined> {
  if (browser === undefined) return {};
  const others = browser.others ?? [];
  return {
    chromium: browser.executablePath,
    ...Object.fromEntries(others.map(({ name, executablePath }) => [name, executablePath])),
    ffmpeg: browser.ffmpeg,
  };
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
  const others = ([firefox, webkit] as const)
    .map((type) => ({ name: type.name() as 'firefox' | 'webkit', executablePath: type.executablePath() }))
    .filter(({ executablePath }) => isProgram(executablePath));
  const ffmpeg = namesIn(registryDir)
    .filter((name) => name.startsWith('ffmpeg-'))
    .flatMap((name) => namesIn(path.join(registryDir, name)).map((file) => path.join(registryDir, name, file)))
    .find((file) => path.basename(file).startsWith('ffmpeg-') && isProgram(file));
  return {
    kind,
    executablePath,
    others,
    ffmpeg,
    readOnly: [
      path.dirname(executablePath),
      // <registry>/firefox-<revision>/…
      ...others.map((other) =>
        path.join(registryDir, path.relative(registryDir, other.executablePath).split(path.sep)[0]!),
      ),
      ...(ffmpeg === undefined ? [] : [path.dirname(ffmpeg)]),
    ],
  };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
