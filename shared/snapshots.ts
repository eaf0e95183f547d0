import { z } from 'zod';

/** Bytes of one baseline. */
export const maxBaselineBytes = 8 * 1024 * 1024;
/** Baselines of one test, and all their bytes. */
export const maxBaselines = 200;
export const maxBaselineBytesOfTest = 64 * 1024 * 1024;

/**
 * A baseline's path in Playwright's folder of a test's snapshots, such as `home-chromium-linux.png`. Playwright puts its project and
 * the platform into it.
 */
export const baselinePath = z
  .string()
  .min(1)
  .max(300, 'must have at most 300 characters')
  .refine(
    (path) =>
      path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\\p{Cc}]/u.test(path),
    'must be a path of file names',
  );

/** What an artifact is in the comparison with a baseline. `previous`: the picture before the last, of a page that moves. */
export const snapshotOfArtifact = z.object({
  path: baselinePath,
  role: z.enum(['expected', 'actual', 'diff', 'previous']),
});
export type SnapshotOfArtifact = z.infer<typeof snapshotOfArtifact>;
