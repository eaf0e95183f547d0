import { UsersRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '#client/ui/button.tsx';
import { Refusal } from './refusal.tsx';
import type { Editor } from './use-editor.ts';

/** Why the draft is not saved: another user's change, which the user keeps or replaces, or a refusal. */
export function SaveProblem({
  thing,
  editor: { conflict, error, keepMine, takeTheirs },
  children,
}: {
  thing: 'test' | 'job';
  editor: Pick<Editor<never>, 'conflict' | 'error' | 'keepMine' | 'takeTheirs'>;
  /** In a conflict: the other user's version, or a button that shows it. */
  children: ReactNode;
}) {
  if (!conflict) return <Refusal error={error} />;
  return (
    <div role="alert" className="rounded-lg border border-warn-line bg-warn-tint px-3.5 py-3 text-sm text-warn">
      <p className="flex gap-2">
        <UsersRound aria-hidden className="mt-0.5 size-4 shrink-0" />
        Another user changed this {thing} while you were editing it. Your changes are still here but not saved.
      </p>
      <div className="mt-2.5 flex flex-wrap gap-2">
        {children}
        <Button size="sm" onClick={takeTheirs}>
          Discard mine, use theirs
        </Button>
        <Button size="sm" onClick={keepMine}>
          Keep mine
        </Button>
      </div>
    </div>
  );
}
