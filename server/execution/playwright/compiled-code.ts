import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultLimits } from '#server/config/run-limits.ts';
import { guardScript } from './guard-script.ts';
import { playwrightModules } from './playwright-modules.ts';
import type { Logger } from '#server/lib/logger.ts';

/** In the format of `sha256sum`. */
const sumsFile = 'SHA256SUMS';

/**
 * The folder of the compiled code, for this install of Playwright, this Node, this kind of machine, and runs with this
 * `RUN_MAX_HEAP_MB`. V8 checks only its own version and flags.
 */
export function compiledCodeDir(heapMb = defaultLimits.heapMb): string {
  const node = ['node', process.version, process.platform, process.arch];
  return path.join(installDir(), [...node, 'heap', heapMb].join('-'));
}

/** The folder, in `node_modules`, of all compiled code of this install of Playwright. */
function installDir(): string {
  const { dir } = playwrightModules().find(({ name }) => name === 'playwright')!;
  const { version } = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')) as { version: string };
  // Compiled code holds the paths of its sources. In an install that was copied or moved, steps would have no lines. And it
  // is that of the sources as the guard changes them.
  const place = createHash('sha256').update(dir).update(guardScript).digest('hex').slice(0, 12);
  return path.join(path.dirname(dir), '.cache/runlight', `playwright-${version}-${place}`);
}

/** Removes compiled code that came with a copied or moved install, or is of another version of Playwright. */
export async function removeForeignCode(): Promise<void> {
  const parent = path.dirname(installDir());
  const foreign = (await readdir(parent)).filter((name) => name !== path.basename(installDir()));
  await Promise.all(foreign.map((name) => rm(path.join(parent, name), { recursive: true, force: true })));
}

/** Writes checksums of the files in a folder of compiled code, for `isIntact`. */
export async function sealCompiledCode(dir: string): Promise<void> {
  await writeFile(path.join(dir, sumsFile), await sumsOf(dir));
}

/** Whether the folder exists and its files have the checksums of `sealCompiledCode`. Never throws. */
export async function isIntact(dir: string): Promise<boolean> {
  try {
    return (await readFile(path.join(dir, sumsFile), 'utf8')) === (await sumsOf(dir));
  } catch {
    return false;
  }
}

async function sumsOf(dir: string): Promise<string> {
  const names = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.bin')).sort();
  const lines = names.map(async (name) => {
    const content = await readFile(path.join(dir, name));
    return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
  });
  return (await Promise.all(lines)).join('');
}

/**
 * The folder, if it exists and is intact. V8 does not check compiled code, and a damaged file would crash every run; a warning
 * says that it is not used.
 */
export async function findCompiledCode({ dir, logger }: { dir: string; logger: Logger }): Promise<string | undefined> {
  if (!existsSync(dir)) return undefined;
  if (await isIntact(dir)) return dir;
  logger.warn(
    { dir },
    'The compiled code of Playwright is damaged, so it is not used and runs start more slowly. Run `npm run build`, then start this worker again.',
  );
  return undefined;
}
