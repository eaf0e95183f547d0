import { TriangleAlert } from 'lucide-react';
import { plural } from '#client/ui/format.ts';
import type { TypeWarnings as Warnings } from './type-check/type-check.ts';

/** How many type errors the script has, beside Run, which stays possible. Undefined: they are not known yet. */
export function TypeWarnings({ warnings }: { warnings: Warnings | undefined }) {
  const lines = [...new Set(warnings)].join(', ');
  return (
    <span role="status" className="text-sm empty:sr-only">
      {warnings === null && <span className="text-muted">Types are not checked: TypeScript cannot be loaded</span>}
      {warnings && warnings.length > 0 && (
        <span className="inline-flex items-center gap-1.5 text-warn" title={`Lines ${lines}`}>
          <TriangleAlert aria-hidden className="size-4" />
          {plural(warnings.length, 'type warning')}
          <span className="sr-only">: lines {lines}</span>
        </span>
      )}
    </span>
  );
}
