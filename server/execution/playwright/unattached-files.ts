import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Redaction } from './redaction.ts';
import { contentTypeOf, maybeText } from '#shared/playwright/content-types.ts';
import type { MessageOf } from './run-messages.ts';

/** Files of a run beyond this number are stored and not listed. */
const most = 5_000;
/** In bytes. Larger files are not searched for secrets: they are removed if the project has any. */
const longestRedacted = 50_000_000;

export interface UnattachedFile {
  /** Relative to the folder of its attempt. */
  name: string;
  /** Relative to the folder of output, with forward slashes. */
  path: string;
  contentType: string;
  position: number;
  caseIndex: number;
  attempt: number;
}

/**
 * Finds the files that attempts have left in their folders and not attached, and hides secrets in those that are text. A file of
 * which Playwright has attached a copy is not among them.
 */
export async function findUnattached(options: {
  outputDir: string;
  insideDir: string;
  /** All files, in bytes. Files that are removed here are removed from it. */
  sizes: Map<string, number>;
  attached: readonly string[];
  folders: readonly MessageOf<'folder'>[];
  redaction: Redaction;
}): Promise<UnattachedFile[]> {
  const { sizes, insideDir } = options;
  const attached = new Set(options.attached);
  // Playwright ends the name of a copy with a hash of the path of the original.
  const originals = new Set(options.attached.flatMap((file) => /-([0-9a-f]{40})(\.[^./]*)?$/.exec(file)?.[1] ?? []));
  const isCopied = (file: string) =>
    originals.has(createHash('sha1').update(path.posix.join(insideDir, file)).digest('hex'));
  const folders = new Map(options.folders.map((folder) => [folder.path, folder]));

  const found: UnattachedFile[] = [];
  for (const [file, bytes] of sizes) {
    const [results = '', name = '', ...rest] = file.split('/');
    const folder = folders.get(`${results}/${name}`);
    if (!folder || attached.has(file) || isCopied(file)) continue;
    const contentType = contentTypeOf(file);
    if (!(await hideSecrets(path.join(options.outputDir, file), contentType, bytes, options))) {
      sizes.delete(file);
      continue;
    }
    const { position, caseIndex, attempt } = folder;
    if (found.length < most)
      found.push({ name: rest.join('/'), path: file, contentType, position, caseIndex, attempt });
  }
  return found;
}

/** Resolves to false if the file was removed. */
async function hideSecrets(
  file: string,
  contentType: string,
  bytes: number,
  { sizes, outputDir, redaction }: { sizes: Map<string, number>; outputDir: string; redaction: Redaction },
): Promise<boolean> {
  if (redaction.secrets.length === 0 || !maybeText.test(contentType)) return true;
  if (bytes > longestRedacted) {
    await rm(file);
    return false;
  }
  const hidden = redaction.redactBytes(await readFile(file));
  if (hidden) {
    await writeFile(file, hidden);
    sizes.set(path.relative(outputDir, file), hidden.length);
  }
  return true;
}
