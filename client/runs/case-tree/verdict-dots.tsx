import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { isFailureKind } from '#client/runs/case-data/case-kind.ts';
import { caseKindLook } from '#client/runs/status/case-kind-look.ts';

const shown = 10;

/** The last results of a case, the newest on the right. Failures are taller. `kinds`: the newest first. */
export function VerdictDots({ kinds }: { kinds: readonly CaseKind[] }) {
  const newest = kinds.slice(0, shown);
  return (
    <span role="img" aria-label={textOf(newest)} title={textOf(newest)} className="flex h-3.5 items-end gap-px">
      {Array.from({ length: shown }, (_, place) => {
        const kind = newest[shown - 1 - place];
        if (!kind) return <span key={place} className="h-0.5 w-1 bg-line" />;
        const height = isFailureKind(kind) ? 'h-3.5' : kind === 'flaky' ? 'h-3' : kind === 'passed' ? 'h-2' : 'h-1';
        return <span key={place} className={`w-1 ${height} ${caseKindLook[kind].bar}`} />;
      })}
    </span>
  );
}

function textOf(kinds: readonly CaseKind[]): string {
  if (kinds.length === 0) return 'No earlier runs';
  const counts = new Map<CaseKind, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const parts = [...counts].map(([kind, count]) => `${count} ${caseKindLook[kind].label.toLowerCase()}`);
  return `Last ${kinds.length}: ${parts.join(', ')}`;
}
