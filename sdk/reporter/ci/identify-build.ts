import { randomUUID } from 'node:crypto';
import { type Build, first, type Variables } from './build.ts';
import { readBranch, readCommit } from './git.ts';
import { github } from './github.ts';
import { providers } from './providers.ts';
import { teamcity } from './teamcity.ts';

/** As `reports.begin` takes it. */
export interface Identity {
  build: { id: string; attempt: string | null; url: string | null; provider: string | null };
  commit: {
    branch: string | null;
    sha: string | null;
    message: string | null;
    author: string | null;
    pullRequest: string | null;
  };
  /** False if shards in other processes would have another build id. */
  isShared: boolean;
}

/** What this process is a part of: a build of a CI, or one of its own on a laptop. Never throws. */
export async function identifyBuild(options: {
  env: Variables;
  /** In the repository of the suite. */
  cwd: string;
  /** Instead of the CI's own. */
  buildId: string | undefined;
}): Promise<Identity> {
  const { env, cwd, buildId } = options;
  const build = await findBuild(env);
  const [commit, branch] = await Promise.all([
    readCommit(cwd, first(build?.sha)),
    build?.branch ? build.branch : readBranch(cwd),
  ]);
  const id = first(buildId, build?.id);
  return {
    build: {
      id: id === undefined ? randomUUID() : buildId ? id : `${build!.provider}-${id}`,
      attempt: build?.attempt || null,
      url: addressOf(build?.url),
      provider: build?.provider ?? null,
    },
    commit: {
      branch: branch || null,
      sha: first(build?.sha, commit?.sha) ?? null,
      message: first(build?.message, commit?.message)?.trim().split(/\r?\n/)[0] || null,
      author: first(build?.author, commit?.author, build?.actor) ?? null,
      pullRequest: build?.pullRequest || null,
    },
    isShared: id !== undefined,
  };
}

async function findBuild(env: Variables): Promise<Build | undefined> {
  const found = (await github(env)) ?? (await teamcity(env)) ?? providers.map((find) => find(env)).find(Boolean);
  // All others set this one, too.
  return found ?? (env['CI'] && env['CI'] !== 'false' && env['CI'] !== '0' ? { provider: 'ci' } : undefined);
}

function addressOf(url: string | undefined): string | null {
  return url && /^https?:\/\//.test(url) ? url : null;
}
