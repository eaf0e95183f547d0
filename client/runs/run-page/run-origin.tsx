import { Link } from '@tanstack/react-router';
import {
  ExternalLink,
  GitBranch,
  GitCommitHorizontal,
  GitPullRequest,
  Laptop,
  Package,
  Terminal,
  User,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { shortSha } from '#client/runs/status/short-sha.ts';
import { formatTime } from '#client/ui/format.ts';
import { statusLook } from '#client/runs/status/status-look.ts';
import { isTerminal } from '#shared/run-status.ts';
import { optionsText } from '#shared/suite-run-text.ts';
import { providerText, pullRequestText } from './origin-text.ts';

type Run = Outputs['runs']['byId'];

/** Where a run comes from: branch, commit, author, pull request, build, machine, and the attempts of its build. */
export default function RunOrigin({ run }: { run: Run }) {
  const { branch, commitSha, commitMessage, author, pullRequest, buildUrl, build, parts } = run;
  const [only] = parts.length === 1 ? parts : [];
  return (
    <ul
      aria-label="Where the run comes from"
      className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-muted [&_svg]:size-3.5 [&_svg]:shrink-0"
    >
      {branch !== null && (
        <Fact icon={<GitBranch aria-hidden />} name="Branch">
          {run.suiteId ? (
            <Link
              to="/suites/$suiteId"
              params={{ suiteId: run.suiteId }}
              search={{ branch }}
              className="link max-w-60 truncate"
              title={branch}
            >
              <bdi>{branch}</bdi>
            </Link>
          ) : (
            <bdi>{branch}</bdi>
          )}
        </Fact>
      )}
      {commitSha !== null && (
        <Fact icon={<GitCommitHorizontal aria-hidden />} name="Commit">
          <span className="flex min-w-0 gap-1.5" title={[commitSha, commitMessage].filter(Boolean).join('\n')}>
            {run.suiteId || run.testId || run.jobId ? (
              <Link
                to="/runs"
                search={{ commit: commitSha }}
                className="link font-mono text-[0.8125rem] leading-5"
                title={`All runs of ${commitSha}`}
              >
                {shortSha(commitSha)}
              </Link>
            ) : (
              <code className="font-mono text-[0.8125rem] leading-5">{shortSha(commitSha)}</code>
            )}
            {commitMessage !== null && <bdi className="max-w-72 truncate max-sm:max-w-48">{commitMessage}</bdi>}
          </span>
        </Fact>
      )}
      {author !== null && (
        <Fact icon={<User aria-hidden />} name="Author">
          <bdi className="max-w-48 truncate">{author}</bdi>
        </Fact>
      )}
      {pullRequest !== null && (
        <Fact icon={<GitPullRequest aria-hidden />} name="Pull request">
          <Outside url={pullRequest}>{pullRequestText(pullRequest)}</Outside>
        </Fact>
      )}
      {(buildUrl !== null || (build && build.provider !== null)) && (
        <Fact icon={<ExternalLink aria-hidden />} name="Build">
          <Outside url={buildUrl}>{providerText(build?.provider ?? null)}</Outside>
        </Fact>
      )}
      {run.suiteRun && <SuiteRun run={run} of={run.suiteRun} />}
      {only?.executor && (
        <Fact icon={<Laptop aria-hidden />} name="Runs on">
          <bdi className="max-w-48 truncate">{only.executor}</bdi>
        </Fact>
      )}
      {build && build.attempts.length > 1 && (
        <li className="flex items-center gap-1.5">
          Attempts of the build:
          {build.attempts.map(({ runId, status, queuedAt }, place) => (
            <Link
              key={runId}
              to="/runs/$runId"
              params={{ runId }}
              aria-current={runId === run.id ? 'page' : undefined}
              activeProps={{}}
              aria-label={`Attempt ${place + 1}: ${statusLook[status].label}`}
              title={`${statusLook[status].label}, ${formatTime(queuedAt)}`}
              className={`inline-flex min-h-6 min-w-6 items-center justify-center rounded-md px-1 tabular-nums ${runId === run.id ? 'bg-chosen font-medium text-ink' : 'link'}`}
            >
              {place + 1}
            </Link>
          ))}
        </li>
      )}
    </ul>
  );
}

/** Which bundle a run on workers is of, and what of it was to be run. */
function SuiteRun({
  run: { suiteId, status, commitSha },
  of: { bundle, git, options },
}: {
  run: Run;
  of: NonNullable<Run['suiteRun']>;
}) {
  const text = optionsText(options);
  return (
    <>
      <Fact icon={<Package aria-hidden />} name="Bundle">
        {bundle && suiteId ? (
          <Link
            to="/suites/$suiteId"
            params={{ suiteId }}
            search={{ tab: 'bundles' }}
            className="link font-mono text-[0.8125rem]"
          >
            {bundle.hash.slice(0, 12)}
          </Link>
        ) : git && !isTerminal(status) ? (
          'is fetched from git'
        ) : git && commitSha === null ? (
          'was not fetched from git'
        ) : (
          'deleted'
        )}
        {bundle?.isDirty && <span className="text-warn">with changes that are not committed</span>}
      </Fact>
      {text !== '' && (
        <Fact icon={<Terminal aria-hidden />} name="Options">
          <code className="max-w-96 truncate font-mono text-[0.8125rem]" title={text}>
            {text}
          </code>
        </Fact>
      )}
    </>
  );
}

function Fact({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <li className="flex min-w-0 items-center gap-1.5">
      {icon}
      <span className="sr-only">{name}: </span>
      {children}
    </li>
  );
}

/** A link out of Runlight, or text where there is no address. */
function Outside({ url, children }: { url: string | null; children: ReactNode }) {
  if (url === null || !/^https?:\/\//.test(url)) return children;
  return (
    <a href={url} target="_blank" rel="noreferrer" className="link max-w-60 truncate">
      {children}
      <span className="sr-only"> (in a new tab)</span>
    </a>
  );
}
