import { readFile } from 'node:fs/promises';
import { all, type Build, first, type Variables } from './build.ts';

/** The parts of GitHub's event that are of use here. */
interface Event {
  head_commit?: { id?: string; message?: string; author?: { name?: string } };
  pull_request?: {
    html_url?: string;
    title?: string;
    head?: { sha?: string; ref?: string };
    user?: { login?: string };
  };
}

/** https://docs.github.com/actions/reference/variables-reference */
export async function github(env: Variables): Promise<Build | undefined> {
  if (env['GITHUB_ACTIONS'] !== 'true') return undefined;
  const { GITHUB_RUN_ATTEMPT: attempt } = env;
  const { pull_request: pull, head_commit: commit } = await readEvent(env['GITHUB_EVENT_PATH']);
  const repository = all`${env['GITHUB_SERVER_URL']}/${env['GITHUB_REPOSITORY']}`;
  const run = all`${repository}/actions/runs/${env['GITHUB_RUN_ID']}`;
  // Of a pull request, GITHUB_SHA is a merge that is in no branch.
  const sha = first(pull?.head?.sha, env['GITHUB_SHA']);
  return {
    provider: 'github',
    id: env['GITHUB_RUN_ID'],
    attempt,
    url: first(all`${run}/attempts/${attempt}`, run),
    branch: first(
      env['GITHUB_HEAD_REF'],
      pull?.head?.ref,
      env['GITHUB_REF_TYPE'] === 'tag' ? undefined : env['GITHUB_REF_NAME'],
    ),
    sha,
    message: commit?.id === sha ? commit?.message : pull?.title,
    author: first(commit?.id === sha ? commit?.author?.name : pull?.user?.login),
    actor: first(env['GITHUB_TRIGGERING_ACTOR'], env['GITHUB_ACTOR']),
    pullRequest: first(pull?.html_url, all`${repository}/pull/${pullOf(env['GITHUB_REF'])}`),
  };
}

/** `refs/pull/12/merge` as `12`; undefined for other refs. */
function pullOf(ref: string | undefined): string | undefined {
  return /^refs\/pull\/(\d+)\//.exec(ref ?? '')?.[1];
}

async function readEvent(file: string | undefined): Promise<Event> {
  try {
    return file ? ((JSON.parse(await readFile(file, 'utf8')) ?? {}) as Event) : {};
  } catch {
    return {};
  }
}
