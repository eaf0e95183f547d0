import { Trash2, Play } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { GitSource } from '#client/suites/git/git-source.tsx';
import { Button } from '#client/ui/button.tsx';
import { CodeBlock } from '#client/ui/code-block.tsx';
import { formatBytes, plural } from '#client/ui/format.ts';
import { LongTable, type RowPlace } from '#client/ui/long-table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { SuiteGit } from '#shared/suite-git.ts';
import type { SuiteBundle } from '#shared/suites.ts';

const RunSuiteDialog = lazy(() => import('./run-suite-dialog.tsx'));
const DeleteBundle = lazy(() => import('./delete-bundle.tsx'));

const columns = [
  { head: 'Commit' },
  { head: 'Pushed', className: 'w-28 @xl:w-44' },
  { head: 'Files', className: 'hidden w-40 text-right @3xl:table-cell' },
  { head: 'Playwright', className: 'hidden w-28 text-right @4xl:table-cell' },
  { head: <span className="sr-only">Actions</span>, className: 'w-24 @xl:w-36' },
];

/** Where a suite is in git, and what was pushed or fetched of it, the newest first: each can be run here. */
export default function SuiteBundles({
  suite,
  branch,
}: {
  suite: { id: string; name: string; archivedAt: string | null; git: SuiteGit | null };
  branch: string | undefined;
}) {
  const suiteId = suite.id;
  const query = api.suites.bundles.useInfiniteQuery(
    { suiteId, branch },
    { getNextPageParam: (page) => page.nextCursor },
  );
  const bundles = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [running, setRunning] = useState<SuiteBundle>();
  const [deleting, setDeleting] = useState<SuiteBundle>();
  const mayEdit = useMayEdit() && suite.archivedAt === null;
  return (
    <div className="space-y-5">
      <GitSource suite={suite} />
      <div className="@container card overflow-clip">
        <Loaded query={query} what="bundles" rows={4}>
          {() =>
            bundles.length === 0 ? (
              <NoBundles branch={branch} suite={suite.name} />
            ) : (
              <LongTable label="Bundles" columns={columns} items={bundles} rowHeight={56} pages={query}>
                {(bundle, place) => (
                  <Row
                    key={bundle.id}
                    bundle={bundle}
                    place={place}
                    {...(mayEdit && { onRun: () => setRunning(bundle), onDelete: () => setDeleting(bundle) })}
                  />
                )}
              </LongTable>
            )
          }
        </Loaded>
      </div>
      <Suspense>
        {running && <RunSuiteDialog suite={suite} bundle={running} onClose={() => setRunning(undefined)} />}
        {deleting && <DeleteBundle bundle={deleting} onClose={() => setDeleting(undefined)} />}
      </Suspense>
    </div>
  );
}

function Row({
  bundle,
  place,
  onRun,
  onDelete,
}: {
  bundle: SuiteBundle;
  place: RowPlace;
  onRun?: () => void;
  onDelete?: () => void;
}) {
  const { hash, bytes, files, playwright, isDirty, pushedBy, pushedAt, dir } = bundle;
  return (
    <tr {...place} className="h-14 hover:bg-hover">
      <td className="py-1.5 pr-2 pl-4">
        <RunCommit run={bundle} />
        <span className="block truncate text-[0.8125rem] text-muted">
          <code className="font-mono text-xs" title={`SHA-256 ${hash}`}>
            {hash.slice(0, 12)}
          </code>
          {dir !== '' && <> · {dir}</>}
          {isDirty && <span className="text-warn"> · with changes that are not committed</span>}
        </span>
      </td>
      <td className="px-2 text-[0.8125rem] text-muted">
        <RelativeTime iso={pushedAt} />
        {pushedBy !== null && <bdi className="hidden truncate @xl:block">{pushedBy}</bdi>}
      </td>
      <td className="hidden px-2 text-right text-[0.8125rem] text-muted tabular-nums @3xl:table-cell">
        {plural(files, 'file')}, {formatBytes(bytes)}
      </td>
      <td className="hidden px-2 text-right text-muted tabular-nums @4xl:table-cell">{playwright ?? '–'}</td>
      <td className="px-2 text-right last:pr-3">
        {onRun && (
          <span className="inline-flex gap-1">
            <Button size="sm" aria-label={`Run bundle ${hash.slice(0, 12)}`} onClick={onRun}>
              <Play aria-hidden className="size-4" /> <span className="hidden @xl:inline">Run</span>
            </Button>
            <Button size="sm" variant="ghost" aria-label={`Delete bundle ${hash.slice(0, 12)}`} onClick={onDelete}>
              <Trash2 aria-hidden className="size-4" />
            </Button>
          </span>
        )}
      </td>
    </tr>
  );
}

function NoBundles({ branch, suite }: { branch: string | undefined; suite: string }) {
  if (branch !== undefined)
    return <p className="px-4 py-6 text-sm text-muted">Nothing has been pushed of the branch {branch}.</p>;
  return (
    <div className="space-y-3 px-4 py-6 text-sm">
      <p className="text-muted">
        Nothing has been pushed yet. Push the suite from its folder, and it runs on Runlight’s workers as it is: with
        its own config, projects, fixtures and packages.
      </p>
      <CodeBlock
        label="the command"
        place="In the folder of playwright.config"
        code={`npx runlight push --suite ${JSON.stringify(suite)}`}
      />
    </div>
  );
}
