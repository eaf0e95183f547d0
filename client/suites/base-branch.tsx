import { lazy, Suspense, useState } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { Section } from '#client/ui/page.tsx';

const BaseBranchDialog = lazy(() => import('./base-branch-dialog.tsx'));

export interface SuiteWithBase {
  id: string;
  name: string;
  archivedAt: string | null;
  baseBranch: string | null;
}

/** Runs of other branches are compared with the newest run of this branch. */
export function BaseBranch({ suite }: { suite: SuiteWithBase }) {
  const [editing, setEditing] = useState(false);
  const mayEdit = useMayEdit() && suite.archivedAt === null;
  return (
    <Section
      title="Base branch"
      actions={
        mayEdit && (
          <Button size="sm" onClick={() => setEditing(true)}>
            Change
          </Button>
        )
      }
    >
      <p className="px-4 py-3 text-sm text-muted">
        {suite.baseBranch === null ? (
          'main, or master where there is no main.'
        ) : (
          <bdi className="font-medium wrap-anywhere text-ink">{suite.baseBranch}</bdi>
        )}{' '}
        Runs of other branches are compared with its newest run.
      </p>
      {editing && (
        <Suspense>
          <BaseBranchDialog suite={suite} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </Section>
  );
}
