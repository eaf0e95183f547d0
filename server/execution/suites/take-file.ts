import { constants, createWriteStream, readlinkSync, realpathSync } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { contentTypeOf, maybeText } from '#shared/playwright/content-types.ts';
import type { Redaction } from '#server/execution/playwright/redaction.ts';
import { type Sandbox, writableDirs } from '#server/execution/sandbox/sandbox.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { hideInReport } from './hide-in-report.ts';
import { hideInZip } from './hide-in-zip.ts';

/** In bytes. A larger file is not searched for secrets: it is left out if the project has secrets. */
const mostSearched = { text: 50_000_000, zip: 100_000_000 };

export interface TakeOptions {
  runDir: string;
  sandbox: Sandbox;
  /** Path of the file as the suite's processes see it. */
  file: string;
  /** Name of the file in the report. */
  name: string;
  /** Empty: the type follows from the name. */
  contentType: string;
  /** Path that only the worker can access. */
  to: string;
  maxBytes: number;
  redaction: Redaction;
}

/**
 * Copies a file of a suite without its secrets; processes of the suite may still be alive. Only a regular file in the run's own
 * folders is taken, whatever links lead to it. Otherwise throws an error that gives the reason.
 */
export async function takeFile(options: TakeOptions): Promise<void> {
  const { to, maxBytes, redaction } = options;
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(outside(options), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Error(
        error.code === 'ENOENT'
          ? 'it is not there'
          : error.code === 'ELOOP'
            ? 'it is a link'
            : (error.code ?? 'it cannot be read'),
      );
    },
  );
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error('it is no regular file');
    // Folders on the path may have been replaced by links before the file was opened, so the open file is checked.
    if (!isOwn(options.runDir, handle.fd)) throw new Error('it lies outside of the run');
    if (found.size > maxBytes) throw new Error(`it has more than ${maxBytes / 1e6} MB (RUN_MAX_FILE_MB)`);
    await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
    const kind = redaction.secrets.length > 0 ? searchedAs(options) : undefined;
    if (kind && found.size > mostSearched[kind])
      throw new Error(`it has more than ${mostSearched[kind] / 1e6} MB, and could contain secrets`);
    const source = handle.createReadStream({ start: 0, end: maxBytes, autoClose: false });
    if (!kind) return await pipeline(source, createWriteStream(to, { mode: 0o600 }));
    const chunks: Buffer[] = [];
    for await (const chunk of source as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    await writeFile(to, (await hide(bytes, kind, options)) ?? bytes, { mode: 0o600 });
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** How the file is searched for secrets; undefined: it is not. */
function searchedAs({ contentType, file, name }: TakeOptions): keyof typeof mostSearched | undefined {
  const types = contentType === '' ? [contentTypeOf(name)] : [contentType, contentTypeOf(file)];
  if (types.includes('application/zip')) return 'zip';
  return types.some((type) => maybeText.test(type)) ? 'text' : undefined;
}

async function hide(
  bytes: Buffer,
  kind: keyof typeof mostSearched,
  { name, redaction }: TakeOptions,
): Promise<Buffer | undefined> {
  try {
    if (kind === 'zip') return await hideInZip(bytes, redaction);
    return contentTypeOf(name) === 'text/html' ? await hideInReport(bytes, redaction) : redaction.redactBytes(bytes);
  } catch (error) {
    throw new Error(`it cannot be searched for secrets (${errorMessage(error)})`, { cause: error });
  }
}

/** Path of the file as the worker sees it. */
function outside({ file, runDir, sandbox }: TakeOptions): string {
  const roots: [string, string][] = [[sandbox.inside(runDir), runDir]];
  if (sandbox.kind === 'bubblewrap')
    for (const scratch of ['/tmp', '/dev/shm']) roots.push([scratch, path.join(runDir, 'tmp')]);
  const plain = path.normalize(file);
  const [from, to] = roots.find(([root]) => plain.startsWith(`${root}/`)) ?? [];
  if (from === undefined) throw new Error('it lies outside of the run');
  return path.join(to!, plain.slice(from.length));
}

function isOwn(runDir: string, fd: number): boolean {
  const file = process.platform === 'linux' ? readlinkSync(`/proc/self/fd/${fd}`) : undefined;
  if (file === undefined) return true;
  return writableDirs.some((name) => file.startsWith(`${path.join(realpathSync(runDir), name)}/`));
}
