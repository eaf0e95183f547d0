import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FullConfig } from '@playwright/test/reporter';
import { contentTypeOf } from '#shared/playwright/content-types.ts';
import { ownStorage } from '#shared/playwright/report-page.ts';
import type { Variables } from './ci/build.ts';
import type { ReportFile } from './report-sink.ts';

/** Files of a report beyond this number are left out. */
const mostFiles = 10_000;
/** A page that is larger is sent as it is, in bytes. */
const longestPage = 20_000_000;
const page = 'index.html';

/** The folder of Playwright's HTML report; undefined: it writes none. */
export function htmlReportDir({ reporter }: FullConfig, env: Variables, configDir: string): string | undefined {
  const entries = reporter as readonly (readonly [string, { outputFolder?: unknown }?])[];
  const found = entries.find(([name]) => name === 'html');
  if (!found) return undefined;
  const [, options] = found;
  // As Playwright itself chooses.
  const fromEnv = env['PLAYWRIGHT_HTML_OUTPUT_DIR'] || env['PLAYWRIGHT_HTML_REPORT'];
  if (fromEnv) return path.resolve(fromEnv);
  const folder = options?.outputFolder;
  return path.resolve(configDir, typeof folder === 'string' ? folder : 'playwright-report');
}

/** The files of the report, its page last, if it was written after `startedAt` (epoch ms). */
export async function htmlReportFiles(dir: string, startedAt: number): Promise<ReportFile[]> {
  try {
    const { mtimeMs, size } = await stat(path.join(dir, page));
    if (mtimeMs < startedAt) return [];
    const found = await readdir(dir, { recursive: true, withFileTypes: true });
    const others = found
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((source) => ({ source, inside: path.relative(dir, source).split(path.sep).join('/') }))
      // Runlight has a trace viewer of its own.
      .filter(({ inside }) => inside !== page && !inside.startsWith('trace/'))
      .slice(0, mostFiles)
      .map(({ source, inside }) => ({
        file: `report/${inside}`,
        name: `${inside} of the HTML report`,
        contentType: contentTypeOf(inside),
        source,
      }));
    return [...others, await pageOf(dir, size)];
  } catch {
    return [];
  }
}

async function pageOf(dir: string, bytes: number): Promise<ReportFile> {
  const file = path.join(dir, page);
  const source =
    bytes > longestPage
      ? file
      : Buffer.from((await readFile(file, 'utf8')).replace('<head>', () => `<head>${ownStorage}`));
  return { file: `report/${page}`, name: 'the HTML report', contentType: 'text/html', source };
}
