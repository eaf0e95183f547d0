import { all, branchOf, type Build, first, type Variables } from './build.ts';

/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
function gitlab(env: Variables): Build | undefined {
  if (env['GITLAB_CI'] !== 'true') return undefined;
  return {
    provider: 'gitlab',
    id: env['CI_PIPELINE_ID'],
    url: env['CI_PIPELINE_URL'],
    branch: first(env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'], env['CI_COMMIT_BRANCH']),
    // In a pipeline of a merged result, CI_COMMIT_SHA is a merge that is in no branch.
    sha: first(env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA'], env['CI_COMMIT_SHA']),
    message: env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA'] ? env['CI_MERGE_REQUEST_TITLE'] : env['CI_COMMIT_TITLE'],
    author: env['CI_COMMIT_AUTHOR']?.replace(/\s*<[^>]*>$/, ''),
    actor: first(env['GITLAB_USER_NAME'], env['GITLAB_USER_LOGIN']),
    pullRequest: all`${env['CI_MERGE_REQUEST_PROJECT_URL']}/-/merge_requests/${env['CI_MERGE_REQUEST_IID']}`,
  };
}

/** https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables */
function jenkins(env: Variables): Build | undefined {
  if (!env['JENKINS_URL'] && !env['JENKINS_HOME'] && !env['BUILD_TAG']?.startsWith('jenkins-')) return undefined;
  return {
    provider: 'jenkins',
    id: first(all`${env['JOB_NAME']}#${env['BUILD_NUMBER']}`, env['BUILD_TAG']),
    url: env['BUILD_URL'],
    // Of a pull request, BRANCH_NAME is `PR-12`.
    branch: first(
      env['CHANGE_BRANCH'],
      env['BRANCH_NAME'],
      env['GIT_LOCAL_BRANCH'],
      env['GIT_BRANCH']?.replace(/^origin\//, ''),
    ),
    sha: env['GIT_COMMIT'],
    message: env['CHANGE_TITLE'],
    author: first(env['CHANGE_AUTHOR_DISPLAY_NAME'], env['CHANGE_AUTHOR']),
    actor: env['BUILD_USER'],
    pullRequest: first(env['CHANGE_URL'], all`#${env['CHANGE_ID']}`),
  };
}

/** https://circleci.com/docs/reference/variables/: failed jobs are run again as another workflow of the same pipeline. */
function circleci(env: Variables): Build | undefined {
  if (env['CIRCLECI'] !== 'true') return undefined;
  const { CIRCLE_PIPELINE_ID: pipeline, CIRCLE_WORKFLOW_ID: workflow } = env;
  return {
    provider: 'circleci',
    id: first(pipeline, workflow, env['CIRCLE_BUILD_NUM']),
    attempt: pipeline ? workflow : undefined,
    url: env['CIRCLE_BUILD_URL'],
    branch: env['CIRCLE_BRANCH'],
    sha: env['CIRCLE_SHA1'],
    actor: env['CIRCLE_USERNAME'],
    pullRequest: first(env['CIRCLE_PULL_REQUEST'], all`#${env['CIRCLE_PR_NUMBER']}`),
  };
}

/** https://learn.microsoft.com/azure/devops/pipelines/build/variables */
function azure(env: Variables): Build | undefined {
  if (env['TF_BUILD']?.toLowerCase() !== 'true') return undefined;
  const { SYSTEM_COLLECTIONURI: collection, SYSTEM_PULLREQUEST_PULLREQUESTID: pull } = env;
  const project = all`${collection}${env['SYSTEM_TEAMPROJECT'] && encodeURIComponent(env['SYSTEM_TEAMPROJECT'])}`;
  const repository = env['BUILD_REPOSITORY_NAME'] && encodeURIComponent(env['BUILD_REPOSITORY_NAME']);
  const isGitHub = env['BUILD_REPOSITORY_PROVIDER']?.toLowerCase() === 'github';
  return {
    provider: 'azure',
    id: env['BUILD_BUILDID'],
    attempt: env['SYSTEM_STAGEATTEMPT'],
    url: all`${project}/_build/results?buildId=${env['BUILD_BUILDID']}`,
    branch: first(branchOf(env['SYSTEM_PULLREQUEST_SOURCEBRANCH']), branchOf(env['BUILD_SOURCEBRANCH'])),
    sha: first(env['SYSTEM_PULLREQUEST_SOURCECOMMITID'], env['BUILD_SOURCEVERSION']),
    // Of a pull request, it is that of a merge.
    message: pull ? undefined : env['BUILD_SOURCEVERSIONMESSAGE'],
    actor: env['BUILD_REQUESTEDFOR'],
    pullRequest: isGitHub
      ? all`https://github.com/${env['BUILD_REPOSITORY_NAME']}/pull/${env['SYSTEM_PULLREQUEST_PULLREQUESTNUMBER']}`
      : all`${project}/_git/${repository}/pullrequest/${pull}`,
  };
}

/** https://buildkite.com/docs/pipelines/configure/environment-variables */
function buildkite(env: Variables): Build | undefined {
  if (env['BUILDKITE'] !== 'true') return undefined;
  const pull = env['BUILDKITE_PULL_REQUEST'];
  return {
    provider: 'buildkite',
    id: env['BUILDKITE_BUILD_ID'],
    url: env['BUILDKITE_BUILD_URL'],
    branch: env['BUILDKITE_BRANCH'],
    // `HEAD` until the agent has resolved it.
    sha: env['BUILDKITE_COMMIT'] === 'HEAD' ? undefined : env['BUILDKITE_COMMIT'],
    message: env['BUILDKITE_MESSAGE'],
    author: env['BUILDKITE_BUILD_AUTHOR'],
    actor: env['BUILDKITE_BUILD_CREATOR'],
    pullRequest: pull === 'false' ? undefined : all`#${pull}`,
  };
}

/** https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/ */
function bitbucket(env: Variables): Build | undefined {
  const { BITBUCKET_BUILD_NUMBER: build, BITBUCKET_REPO_FULL_NAME: repository } = env;
  if (!build) return undefined;
  return {
    provider: 'bitbucket',
    id: first(all`${repository}#${build}`, build),
    url: all`https://bitbucket.org/${repository}/pipelines/results/${build}`,
    branch: env['BITBUCKET_BRANCH'],
    sha: env['BITBUCKET_COMMIT'],
    pullRequest: all`https://bitbucket.org/${repository}/pull-requests/${env['BITBUCKET_PR_ID']}`,
  };
}

/** https://docs.drone.io/pipeline/environment/reference/ */
function drone(env: Variables): Build | undefined {
  if (env['DRONE'] !== 'true') return undefined;
  return {
    provider: 'drone',
    id: all`${env['DRONE_REPO']}#${env['DRONE_BUILD_NUMBER']}`,
    url: env['DRONE_BUILD_LINK'],
    branch: first(env['DRONE_SOURCE_BRANCH'], env['DRONE_COMMIT_BRANCH'], env['DRONE_BRANCH']),
    sha: first(env['DRONE_COMMIT_SHA'], env['DRONE_COMMIT']),
    message: env['DRONE_COMMIT_MESSAGE'],
    author: first(env['DRONE_COMMIT_AUTHOR_NAME'], env['DRONE_COMMIT_AUTHOR']),
    pullRequest: all`#${env['DRONE_PULL_REQUEST']}`,
  };
}

/** https://woodpecker-ci.org/docs/usage/environment */
function woodpecker(env: Variables): Build | undefined {
  if (env['CI'] !== 'woodpecker') return undefined;
  const pull = env['CI_COMMIT_PULL_REQUEST'];
  return {
    provider: 'woodpecker',
    id: all`${env['CI_REPO']}#${env['CI_PIPELINE_NUMBER']}`,
    url: env['CI_PIPELINE_URL'],
    branch: first(env['CI_COMMIT_SOURCE_BRANCH'], env['CI_COMMIT_BRANCH']),
    sha: env['CI_COMMIT_SHA'],
    message: env['CI_COMMIT_MESSAGE'],
    author: env['CI_COMMIT_AUTHOR'],
    pullRequest: pull ? first(env['CI_PIPELINE_FORGE_URL'], all`#${pull}`) : undefined,
  };
}

/** Each answers only in its own CI. Woodpecker also sets variables of Drone's, so it comes before. */
export const providers: readonly ((env: Variables) => Build | undefined)[] = [
  gitlab,
  circleci,
  azure,
  buildkite,
  bitbucket,
  woodpecker,
  drone,
  jenkins,
];
