import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactKind } from '#shared/events.ts';
import { kindOf } from '#shared/playwright/attachments.ts';
import type { SnapshotOfArtifact } from '#shared/snapshots.ts';
import { listFiles } from '#server/artifacts/list-files.ts';
import type { Redaction } from './redaction.ts';
import type { MessageOf } from './run-messages.ts';
import { findUnattached } from './unattached-files.ts';

export interface Artifact {
  kind: ArtifactKind;
  name: string;
  /** Relative to the run's `output` folder, with forward slashes. */
  path: string;
  bytes: number;
  contentType: string;
  position: number | null;
  /** The case and attempt that left it. */
  caseIndex?: number | null;
  attempt?: number | null;
  /** The baseline with which a case was compared, and the file's part in that. */
  snapshot: SnapshotOfArtifact | null;
}

const report = 'report/index.html';
const log = 'output.log';

/**
 * Lists report, log, attachments and other files of attempts of a run that has ended, as far as they exist. Moves the log into
 * the `output` folder, and removes Playwright's trace viewer. Removes the largest files there, too, if all together exceed `maxBytes`;
 * `isComplete` is false then.
 */
export async function collectArtifacts(options: {
  outputDir: string;
  /** The same folder as Playwright sees it. */
  insideDir: string;
  logFile: string;
  attachments: readonly MessageOf<'attachment'>[];
  /** The folders of attempts. */
  folders: readonly MessageOf<'folder'>[];
  /** By path relative to `outputDir`. */
  snapshots: ReadonlyMap<string, SnapshotOfArtifact>;
  maxBytes: number;
  /** Makes a text of a script fit to be shown as a title. */
  title: (text: string) => string;
  redaction: Redaction;
}): Promise<{ artifacts: Artifact[]; isComplete: boolean }> {
  const { outputDir, attachments, title } = options;
  await rm(path.join(outputDir, log), { recursive: true, force: true });
  await rename(options.logFile, path.join(outputDir, log));
  // Runlight has a trace viewer of its own.
  await rm(path.join(outputDir, 'report/trace'), { recursive: true, force: true });
  const { sizes, isComplete } = await removeLargest(outputDir, options.maxBytes);
  const attached = attachments.map(({ position, caseIndex, attempt, name, path: file, contentType }) => ({
    kind: kindOf({ name, contentType }),
    name: title(name),
    path: file.split(path.sep).join('/'),
    contentType: title(contentType),
    position,
    caseIndex,
    attempt,
  }));
  const unattached = await findUnattached({ ...options, sizes, attached: attached.map((artifact) => artifact.path) });
  const known: Omit<Artifact, 'bytes' | 'snapshot'>[] = [
    { kind: 'report', name: 'Report', path: report, contentType: 'text/html', position: null },
    { kind: 'log', name: 'Console output', path: log, contentType: 'text/plain', position: null },
    ...attached,
    ...unattached.map(({ name, ...file }) => ({
      ...file,
      name: title(name),
      kind: kindOf({ name, contentType: file.contentType }),
    })),
  ];
  const artifacts = known.flatMap((artifact) => {
    const bytes = sizes.get(artifact.path);
    // Without output, there is nothing to read in the log.
    const isMissing = bytes === undefined || (bytes === 0 && artifact.path === log);
    return isMissing ? [] : [{ ...artifact, bytes, snapshot: options.snapshots.get(artifact.path) ?? null }];
  });
  return { artifacts, isComplete };
}

/** Removes what exceeds the limit, report and log last, and returns the sizes of the other files. */
async function removeLargest(
  dir: string,
  maxBytes: number,
): Promise<{ sizes: Map<string, number>; isComplete: boolean }> {
  const rank = (file: string) => (file === log || file === report ? 0 : 1);
  const files = (await listFiles(dir)).sort((a, b) => rank(a.path) - rank(b.path) || a.bytes - b.bytes);
  const sizes = new Map<string, number>();
  let total = 0;
  for (const file of files) {
    total += file.bytes;
    if (total <= maxBytes) sizes.set(file.path, file.bytes);
    else await rm(path.join(dir, file.path));
  }
  return { sizes, isComplete: total <= maxBytes };
}
