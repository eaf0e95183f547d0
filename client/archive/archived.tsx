import type { ReactNode } from 'react';
import { RestoreButton } from './restore-button.tsx';
import type { Archivable } from './use-restore.ts';

/** Says on the page of what is archived that it is archived, with a button that brings it back. */
export function Archived({ of: owner, name, children }: { of: Archivable; name: string; children: ReactNode }) {
  return (
    <div className="@container flex flex-wrap items-center justify-between gap-3 rounded-lg border border-warn-line bg-warn-tint px-3.5 py-2.5 text-sm text-warn">
      <p role="alert">{children}</p>
      <RestoreButton of={owner} name={name} />
    </div>
  );
}
