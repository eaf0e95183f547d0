import type { ReactNode } from 'react';

/** A number of a history with its name. */
export function Figure({ name, note, children }: { name: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted">{name}</dt>
      <dd>
        <span className="text-xl font-semibold tabular-nums">{children}</span>
        {note && <span className="ml-2 text-[0.8125rem] text-muted">{note}</span>}
      </dd>
    </div>
  );
}
