import { lazy, Suspense, useState } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button } from '#client/ui/button.tsx';
import { Section } from '#client/ui/page.tsx';
import type { SuiteGit } from '#shared/suite-git.ts';

const GitSourceDialog = lazy(() => import('./git-source-dialog.tsx'));

/** Where the suite is in git, from where a run can fetch it without a push. */
export function GitSource({
  suite,
}: {
  suite: { id: string; name: string; archivedAt: string | null; git: SuiteGit | null };
}) {
  const { git } = suite;
  const [editing, setEditing] = useState(false);
  const mayEdit = useMayEdit() && suite.archivedAt === null;
  return (
    <Section
      title="Git source"
      actions={
        mayEdit && (
          <Button size="sm" onClick={() => setEditing(true)}>
            {git ? 'Change' : 'Set a source'}
          </Button>
        )
      }
    >
      {git ? (
        <dl className="grid gap-x-4 gap-y-1 px-4 py-3 text-sm sm:grid-cols-[auto_minmax(0,1fr)] [&_dd]:min-w-0 [&_dd]:break-words max-sm:[&_dd+dt]:mt-2 [&_dt]:text-muted">
          <dt>Repository</dt>
          <dd>
            <bdi>{git.url}</bdi>
          </dd>
          <dt>Branch</dt>
          <dd>
            <bdi>{git.branch}</bdi>
          </dd>
          {git.path !== '' && (
            <>
              <dt>Folder</dt>
              <dd>
                <bdi>{git.path}</bdi>
              </dd>
            </>
          )}
          <dt>Token</dt>
          <dd>
            {git.tokenVariable === null ? (
              'none: the repository is public'
            ) : (
              <code className="font-mono">{git.tokenVariable}</code>
            )}
          </dd>
        </dl>
      ) : (
        <p className="px-4 py-3 text-sm text-muted">
          None: the suite runs as it was pushed. With a source, a run can fetch the newest commit itself.
        </p>
      )}
      {editing && (
        <Suspense>
          <GitSourceDialog suite={suite} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </Section>
  );
}
