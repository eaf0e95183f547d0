import type { ReactNode } from 'react';
import type { Outputs } from '#client/query/trpc.ts';

type RunCase = Outputs['runs']['case'];

/** Why a case was skipped or is in quarantine, and its other annotations. */
export function Reasons({ found: { annotations, quarantine, quarantined } }: { found: RunCase }) {
  if (annotations.length === 0 && !quarantined) return null;
  return (
    <dl className="space-y-1 px-4 py-3 text-sm">
      {quarantined && (
        <Reason name="quarantine">
          {quarantine ? `${quarantine.reason} (${quarantine.owner})` : 'It was in quarantine during this run.'}
        </Reason>
      )}
      {annotations.map(({ type, description }, place) => (
        <Reason key={place} name={type}>
          {description}
        </Reason>
      ))}
    </dl>
  );
}

function Reason({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-2">
      <dt className="shrink-0 text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}
