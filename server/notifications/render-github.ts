import type { NotificationPayload } from '#shared/notification-payload.ts';
import { type Description, nameOfFailure } from './describe.ts';

type RunPayload = NonNullable<NotificationPayload['data']['run']>;

/** Changes to make at GitHub. */
export interface GithubUpdate {
  status: {
    sha: string;
    state: 'pending' | 'success' | 'failure' | 'error';
    description: string;
    targetUrl: string;
    context: string;
  } | null;
  comment: {
    number: number;
    /** First line of the comment. Later updates find the comment by it. */
    marker: string;
    body: string;
    /** The text only replaces an existing comment. */
    onlyUpdate: boolean;
  } | null;
}

/** Longest description of a commit status. */
const mostDescriptionChars = 140;

/** Null: the run has neither a commit nor a pull request of the repository. */
export function toGithubUpdate(
  run: RunPayload,
  description: Description,
  { repository, comment, ruleId }: { repository: string; comment: boolean; ruleId: string },
): GithubUpdate | null {
  const { summary, url } = description;
  const isSha = run.commitSha !== null && /^[\da-f]{7,64}$/i.test(run.commitSha);
  const number = comment ? pullRequestNumber(run.pullRequest, repository) : undefined;
  if (!isSha && number === undefined) return null;
  // Runs of one suite share a comment; each suite has its own.
  const marker = `<!-- runlight ${ruleId} ${run.testId ?? run.jobId ?? run.suiteId} -->`;
  return {
    status: isSha
      ? {
          sha: run.commitSha!,
          state: stateOf(run),
          description: summary.slice(0, mostDescriptionChars),
          targetUrl: url!,
          context: `runlight/${run.name}`.slice(0, 200),
        }
      : null,
    comment:
      number === undefined
        ? null
        : {
            number,
            marker,
            body: `${marker}\n${toMarkdown(description, run)}`,
            onlyUpdate: run.failures.length === 0 && run.status === 'passed',
          },
  };
}

function stateOf({ status }: RunPayload) {
  switch (status) {
    case 'passed':
      return 'success';
    case 'failed':
    case 'timed_out':
      return 'failure';
    case 'error':
    case 'cancelled':
      return 'error';
    default:
      return 'pending';
  }
}

/** `#12`, or the address of the pull request, if it is one of the repository. */
function pullRequestNumber(pullRequest: string | null, repository: string): number | undefined {
  const [, path, number] = /^(?:#|https?:\/\/[^/]+\/(.+)\/pull\/)(\d{1,9})$/.exec(pullRequest ?? '') ?? [];
  if (number === undefined || (path !== undefined && path.toLowerCase() !== repository.toLowerCase())) return undefined;
  return Number(number);
}

/** Texts of tests are shown as they are, without formatting and without mentions of users. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]()#+!|<>~-]/g, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll(/\s+/g, ' ');
}

function toMarkdown({ tone, title, summary, failures, more, url }: Description, { commitSha }: RunPayload): string {
  const mark = { good: '✅', bad: '❌', neutral: '⚪' }[tone];
  return [
    `### ${mark} [${escapeMarkdown(title)}](${url})`,
    '',
    `${escapeMarkdown(summary)}${commitSha === null ? '' : ` at ${escapeMarkdown(commitSha)}`}`,
    '',
    ...failures.map(
      (failure) =>
        `- ${failure.isNew ? '**new** ' : ''}[${escapeMarkdown(nameOfFailure(failure))}](${failure.url})` +
        (failure.error ? `<br>${escapeMarkdown(failure.error)}` : ''),
    ),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join('\n');
}
