import { UsersRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

/** Somebody else has changed what is edited here: nothing is lost, and one of the two goes on. */
export function ConflictAlert({
  thing,
  onKeepMine,
  onTakeTheirs,
  children,
}: {
  thing: 'test' | 'job';
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  /** Shows what they have stored. */
  children?: ReactNode;
}) {
  return (
    <div role="alert" className="rounded-lg border border-warn-line bg-warn-tint px-3.5 py-3 text-sm text-warn">
      <p className="flex gap-2">
        <UsersRound aria-hidden className="mt-0.5 size-4 shrink-0" />
        Somebody else has changed this {thing} while you were editing it. Your changes are still here, and not saved.
      </p>
      <div className="mt-2.5 flex flex-wrap gap-2">
        {children}
        <Button size="sm" onClick={onTakeTheirs}>
          Discard mine, use theirs
        </Button>
        <Button size="sm" onClick={onKeepMine}>
          Keep mine
        </Button>
      </div>
    </div>
  );
}
