import { Link } from '@tanstack/react-router';
import type { Outputs } from '#client/query/trpc.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { plural } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { optionsText } from '#shared/suite-run-text.ts';

/** The suite that a job runs: which bundle of it, in how many parts, and with which options. */
export default function JobSuite({ suite }: { suite: NonNullable<Outputs['jobs']['byId']['suite']> }) {
  const { id: suiteId, name, bundle, isPinned, branch, fromGit, git, shards, options } = suite;
  const text = optionsText(options);
  return (
    <Section title="What it runs">
      <div className="space-y-1.5 px-4 py-3 text-sm">
        <p>
          The suite{' '}
          <Link to="/suites/$suiteId" params={{ suiteId }} className="link font-medium">
            {name}
          </Link>
          {shards === 'auto' ? ', in as many parts as it needs' : shards > 1 && `, in ${plural(shards, 'part')}`}
        </p>
        <p className="text-muted">
          {isPinned ? (
            'Always this bundle'
          ) : fromGit ? (
            <>
              The newest commit of <bdi>{branch ?? git?.branch}</bdi>, fetched from git with each start
            </>
          ) : branch === null ? (
            'The newest bundle'
          ) : (
            <>
              The newest bundle of <bdi>{branch}</bdi>
            </>
          )}
          {bundle && (
            <>
              :{' '}
              <Link
                to="/suites/$suiteId"
                params={{ suiteId }}
                search={{ tab: 'bundles', branch: isPinned ? undefined : (branch ?? undefined) }}
                className="link font-mono text-[0.8125rem]"
              >
                {bundle.hash.slice(0, 12)}
              </Link>
            </>
          )}
        </p>
        {bundle ? (
          <RunCommit run={bundle} />
        ) : fromGit && git ? (
          <p className="break-words text-muted">
            <bdi>{git.url}</bdi>
          </p>
        ) : (
          <p className="text-bad">
            {fromGit
              ? 'The suite has no git source any more: set one on its page.'
              : isPinned
                ? 'It was deleted: choose another in the settings.'
                : 'There is none yet: push the suite, and the next start runs it.'}
          </p>
        )}
        {text !== '' && <code className="block font-mono text-[0.8125rem] break-words text-muted">{text}</code>}
      </div>
    </Section>
  );
}
