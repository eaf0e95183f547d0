import type { Outputs } from '#client/query/trpc.ts';

export type RunArtifact = Outputs['runs']['byId']['artifacts'][number];
type Role = NonNullable<RunArtifact['snapshot']>['role'];

/** What one comparison with a baseline left. */
export interface ComparedSnapshot {
  /** Unique among those of a run. */
  key: string;
  /** Of the baseline. */
  path: string;
  isPicture: boolean;
  /** The newest of each role. Without `expected`, there is no baseline yet. */
  files: Partial<Record<Role, RunArtifact>>;
}

/** Takes apart what belongs to comparisons with baselines, and all other artifacts. */
export function findSnapshots(artifacts: readonly RunArtifact[]): {
  compared: ComparedSnapshot[];
  others: RunArtifact[];
} {
  const found = new Map<string, ComparedSnapshot>();
  const others: RunArtifact[] = [];
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
