import { createHash } from 'node:crypto';
import { type ListedCase, titleSeparator } from '#shared/run-cases.ts';

/**
 * The identity of a case over runs, a UUID of version 8: made of the id of the test or suite, Playwright project, file and
 * titles. Migration 0017 makes the same.
 */
export function caseId(
  sourceId: string,
  { project, file, titlePath }: Pick<ListedCase, 'project' | 'file' | 'titlePath'>,
) {
  const key = [sourceId, project, file, titlePath.join(titleSeparator)].join('\x1e');
  const hash = createHash('sha256').update(key).digest('hex');
  const digits = `${hash.slice(0, 12)}8${hash.slice(13, 16)}a${hash.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
