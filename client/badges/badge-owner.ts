/** What badges are of. `branch`: the one that the page shows. */
export type BadgeOwner = { testId: string } | { jobId: string } | { suiteId: string; branch: string | undefined };

export function withoutBranch(owner: BadgeOwner): { testId: string } | { jobId: string } | { suiteId: string } {
  return 'suiteId' in owner ? { suiteId: owner.suiteId } : owner;
}

/** The page of what a badge is of, after the address of Runlight. */
export function pageOf(owner: BadgeOwner, branch: string | null): string {
  if ('testId' in owner) return `/tests/${owner.testId}`;
  if ('jobId' in owner) return `/jobs/${owner.jobId}`;
  return `/suites/${owner.suiteId}${branch === null ? '' : `?branch=${encodeURIComponent(branch)}`}`;
}
