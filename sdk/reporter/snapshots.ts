import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TestResult } from '@playwright/test/reporter';
import { lockFiles } from '#shared/lock-files.ts';
import type { Attachment } from '#shared/playwright/attachments.ts';
import type { SnapshotOfArtifact } from '#shared/snapshots.ts';

/** Playwright attaches `home-expected.png`, `home-actual.png`, `home-diff.png` and `home-previous.png`. */
const named = /-(expected|actual|diff|previous)(\.[^./\\]*)?$/;
/** Playwright's message where there is no baseline. Newer versions attach what they have written in its place, too. */
const missing = /A snapshot doesn't exist at (.+?)(?:, writing actual)?\.$/gm;

/**
 * For each attachment that comes from a comparison with a baseline: its role, and the path of the baseline relative to the folder of
 * the lock file. Null for a picture that Playwright has just written because there was no baseline.
 */
export function comparedSnapshots(
  attachments: readonly Attachment[],
  errors: TestResult['errors'],
  root: string,
): Map<Attachment, SnapshotOfArtifact | null> {
  const written = errors.flatMap(({ message = '' }) => [...message.matchAll(missing)].map(([, file]) => file!));
  const groups = new Map<
    string,
    { files: Map<SnapshotOfArtifact['role'], Attachment>; baseline: string | undefined }
  >();
  for (const attachment of attachments) {
    const [, role] = named.exec(attachment.name) ?? [];
    if (role === undefined) continue;
    const key = attachment.name.replace(named, '$2');
    const group = groups.get(key) ?? { files: new Map(), baseline: undefined };
    groups.set(key, group);
    group.files.set(role as SnapshotOfArtifact['role'], attachment);
    if (role === 'expected') group.baseline = attachment.path;
  }
  const unnamed = [...groups.values()].filter(({ baseline, files }) => baseline === undefined && files.has('actual'));
  const known = new Set([...groups.values()].map(({ baseline }) => baseline));
  const left = written.filter((file) => !known.has(file));
  // In the order of the comparisons. Other matchers say such a thing, too.
  if (left.length === unnamed.length) for (const [index, group] of unnamed.entries()) group.baseline = left[index];
  const found = new Map<Attachment, SnapshotOfArtifact | null>();
  for (const { files, baseline } of groups.values()) {
    const place = baseline && pathIn(root, baseline);
    if (!place) continue;
    for (const [role, attachment] of files)
      found.set(attachment, role === 'expected' && written.includes(baseline) ? null : { path: place, role });
  }
  return found;
}

/** Undefined for a file that lies elsewhere. */
function pathIn(root: string, file: string): string | undefined {
  const inside = path.relative(root, file).split(path.sep).join('/');
  const isInside = inside !== '' && !inside.startsWith('../') && !path.isAbsolute(inside);
  return isInside && inside.length <= 300 && !/[\\\p{Cc}]/u.test(inside) ? inside : undefined;
}

/** The nearest folder above with a lock file, as `runlight push` chooses it; else that of git, else the folder itself. */
export function suiteRoot(folder: string): string {
  for (let at = folder; ; at = path.dirname(at)) {
    if ([...Object.keys(lockFiles), '.git'].some((name) => existsSync(path.join(at, name)))) return at;
    if (path.dirname(at) === at) return folder;
  }
}
