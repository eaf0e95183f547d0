import type { Outputs } from '#client/query/trpc.ts';

/** An artifact of a run or of one case. */
export type SnapshotArtifact = Pick<
  Outputs['runs']['byId']['artifacts'][number],
  'path' | 'contentType' | 'attempt' | 'snapshot'
> & { position?: number | null; caseIndex?: number | null };
type Role = NonNullable<SnapshotArtifact['snapshot']>['role'];

/** What one comparison with a baseline left. */
export interface ComparedSnapshot {
  /** Unique among those of a run. */
  key: string;
  /** Of the baseline. */
  path: string;
  isPicture: boolean;
  /** The newest of each role. Without `expected`, there is no baseline yet. */
  files: Partial<Record<Role, SnapshotArtifact>>;
}

/** Takes apart what belongs to comparisons with baselines, and all other artifacts. */
export function findSnapshots<T extends SnapshotArtifact>(
  artifacts: readonly T[],
): { compared: ComparedSnapshot[]; others: T[] } {
  const found = new Map<string, ComparedSnapshot>();
  const others: T[] = [];
  for (const artifact of artifacts) {
    const { snapshot, position, caseIndex, attempt, contentType } = artifact;
    if (snapshot === null) {
      others.push(artifact);
      continue;
    }
    const key = [position, caseIndex, attempt, snapshot.path].join(' ');
    const before = found.get(key);
    const isPicture = contentType.startsWith('image/');
    found.set(key, {
      key,
      path: snapshot.path,
      isPicture: isPicture || (before?.isPicture ?? false),
      files: { ...before?.files, [snapshot.role]: artifact },
    });
  }
  return { compared: [...found.values()], others };
}
