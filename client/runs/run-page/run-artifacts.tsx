import { lazy, Suspense } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { useIsGuest } from '#client/session/guest.ts';
import { type CaseList, fullTitle } from '#client/runs/case-data/case-list.ts';
import ArtifactGallery from '#client/runs/artifacts/artifact-gallery.tsx';

const NewBaselines = lazy(() => import('#client/runs/snapshots/new-baselines.tsx'));

type Run = Outputs['runs']['byId'];
type RunArtifact = Run['artifacts'][number];

interface Group {
  key: string;
  title: string;
  caseIndex: number | null;
  artifacts: RunArtifact[];
}

/** The files of a run under the case and the attempt that left them; those of the run itself come first. */
export default function RunArtifacts({
  run,
  list,
  opened,
  onOpen,
  onCase,
}: {
  run: Pick<Run, 'id' | 'kind' | 'artifacts' | 'tests'>;
  list: CaseList;
  /** Id of the enlarged screenshot. */
  opened: string | undefined;
  onOpen: (artifactId: string | undefined) => void;
  onCase: (index: number, attempt: number | null) => void;
}) {
  const isGuest = useIsGuest();
  return (
    <div className="divide-y divide-line">
      {run.kind === 'suite' && !isGuest && run.artifacts.some(({ snapshot }) => snapshot?.role === 'actual') && (
        <Suspense>
          <NewBaselines runId={run.id} />
        </Suspense>
      )}
      {groupsOf(run, list).map(({ key, title, caseIndex, artifacts }) => (
        <section key={key} aria-label={title} className="space-y-2 p-4">
          <h2 className="text-sm font-medium wrap-anywhere">
            {caseIndex === null ? (
              title
            ) : (
              <button
                type="button"
                className="link text-left"
                onClick={() => onCase(caseIndex, artifacts[0]?.attempt ?? null)}
              >
                {title}
              </button>
            )}
          </h2>
          <ArtifactGallery artifacts={artifacts} opened={opened} onOpen={onOpen} />
        </section>
      ))}
    </div>
  );
}

function groupsOf({ artifacts, tests }: Pick<Run, 'artifacts' | 'tests'>, list: CaseList): Group[] {
  const groups = new Map<string, Group>();
  for (const artifact of artifacts) {
    const { caseIndex, attempt, position } = artifact;
    const key = caseIndex === null ? `script ${position}` : `${caseIndex} ${attempt}`;
    const known = groups.get(key);
    if (known) {
      known.artifacts.push(artifact);
      continue;
    }
    const info = caseIndex === null ? undefined : list.cases[caseIndex];
    const script = tests.find((test) => test.position === position)?.name;
    const ofCase = info && [info.file, fullTitle(info)].filter(Boolean).join(' › ');
    const title = ofCase ?? script ?? 'The run';
    const tried = attempt ? `${title}, attempt ${attempt + 1}` : title;
    groups.set(key, { key, title: tried, caseIndex, artifacts: [artifact] });
  }
  return [...groups.values()].sort((a, b) => (a.caseIndex ?? -1) - (b.caseIndex ?? -1));
}
