import { toneText } from '#client/ui/badge.tsx';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { caseKindLook } from './case-kind-look.ts';

/** State of a case as an icon, with its name for screen readers. */
export function CaseIcon({ kind }: { kind: CaseKind }) {
  const { label, tone, icon: Icon } = caseKindLook[kind];
  return (
    <span title={label} className={`inline-flex shrink-0 ${toneText[tone]}`}>
      <Icon aria-hidden className={`size-4 ${kind === 'running' ? 'animate-spin' : ''}`} />
      <span className="sr-only">{label}:</span>
    </span>
  );
}
