import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FullConfig } from '@playwright/test/reporter';
import { contentTypeOf } from '#shared/playwright/content-types.ts';
import type { Upload } from './uploads.ts';
import type { Variables } from './ci/build.ts';

/** Files of a report beyond this number are left out. */
const mostFiles = 10_000;

/** The folder of Playwright's HTML report; undefined: it writes none. */
export function htmlReportDir({ reporter }: FullConfig, env: Variables, configDir: string): string | undefined {
  const entries = reporter as readonly (readonly [string, { outputFolder?: unknown }?])[];
  const found = entries.find(([name]) => name === 'html');
  if (!found) return undefined;
  const [, options] = found;
  // As Playwright itself chooses.
  const fromEnv = env['PLAYWRIGHT_HTML_OUTPUT_DIR'] || env['PLAYWRIGHT_HTML_REPORT'];
  if (fromEnv) return path.resolve(fromEnv);
  return typeof options?.outputFolder === 'string'
    ? path.resolve(configDir, options.outputFolder)
    : path.resolve(configDir, 'playwright-report');
}

/** The files of the report, if it was written after `startedAt` (epoch ms). */
export async function htmlReportFiles(dir: string, startedAt: number): Promise<Upload[]> {
  try {
    const index = await stat(path.join(dir, 'index.html'));
    if (index.mtimeMs < startedAt) return [];
    const found = await readdir(dir, { recursive: true, withFileTypes: true });
    return (
      found
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((source) => ({ source, inside: path.relative(dir, source).split(path.sep).join('/') }))
        // Runlight has a trace viewer of its own.
        .filter(({ inside }) => !inside.startsWith('trace/'))
        .slice(0, mostFiles)
        .map(({ source, inside }) => ({
          file: `report/${inside}`,
          name: `the report's ${inside}`,
          contentType: contentTypeOf(inside),
          source,
        }))
    );
  } catch {
    return [];
  }
}
