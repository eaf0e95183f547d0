import { type DocumentedBuild, head, sha } from './documented-build.ts';

/** Variables as GitHub, GitLab and Bitbucket document them, and what is made of them. */
export const buildsOfCodeHosts: Record<string, DocumentedBuild> = {
  'GitHub Actions, push': {
    env: async (file) => ({
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_RUN_ID: '1658821493',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REF_NAME: 'main',
      GITHUB_REF_TYPE: 'branch',
      GITHUB_HEAD_REF: '',
      GITHUB_SHA: sha,
      GITHUB_ACTOR: 'octocat',
      GITHUB_EVENT_PATH: await file(
        'push.json',
        JSON.stringify({ head_commit: { id: sha, message: 'fix: a thing\n\nmore', author: { name: 'Octo Cat' } } }),
      ),
    }),
    is: {
      build: {
        id: 'github-1658821493',
        attempt: '2',
        url: 'https://github.com/octo/shop/actions/runs/1658821493/attempts/2',
        provider: 'github',
      },
      commit: { branch: 'main', sha, message: 'fix: a thing', author: 'Octo Cat', pullRequest: null },
    },
  },
  'GitHub Actions, pull request without its event': {
    env: async () => ({
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_RUN_ID: '7',
      GITHUB_REF: 'refs/pull/12/merge',
      GITHUB_HEAD_REF: 'feature/y',
      GITHUB_SHA: sha,
    }),
    is: { commit: { branch: 'feature/y', pullRequest: 'https://github.com/octo/shop/pull/12' } },
  },
  'GitHub Actions, pull request': {
    env: async (file) => ({
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_REF_NAME: '12/merge',
      GITHUB_REF_TYPE: 'branch',
      GITHUB_HEAD_REF: 'feature/y',
      GITHUB_SHA: sha,
      GITHUB_ACTOR: 'octocat',
      GITHUB_EVENT_PATH: await file(
        'pull.json',
        JSON.stringify({
          pull_request: {
            html_url: 'https://github.com/octo/shop/pull/12',
            title: 'Sell more',
            head: { sha: head, ref: 'feature/y' },
            user: { login: 'hubot' },
          },
        }),
      ),
    }),
    is: {
      build: { id: 'github-7', attempt: '1' },
      commit: {
        branch: 'feature/y',
        sha: head,
        message: 'Sell more',
        author: 'hubot',
        pullRequest: 'https://github.com/octo/shop/pull/12',
      },
    },
  },
  'GitLab, branch': {
    env: async () => ({
      GITLAB_CI: 'true',
      CI_PIPELINE_ID: '4711',
      CI_PIPELINE_URL: 'https://gitlab.example.com/a/b/-/pipelines/4711',
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_SHA: sha,
      CI_COMMIT_TITLE: 'feat: sell',
      CI_COMMIT_AUTHOR: 'Ada Löve <ada@example.com>',
    }),
    is: {
      build: {
        id: 'gitlab-4711',
        attempt: null,
        url: 'https://gitlab.example.com/a/b/-/pipelines/4711',
        provider: 'gitlab',
      },
      commit: { branch: 'main', sha, message: 'feat: sell', author: 'Ada Löve', pullRequest: null },
    },
  },
  'GitLab, merge request': {
    env: async () => ({
      GITLAB_CI: 'true',
      CI_PIPELINE_ID: '4712',
      CI_COMMIT_SHA: sha,
      CI_COMMIT_TITLE: 'Merge branch',
      CI_COMMIT_AUTHOR: 'Ada <ada@example.com>',
      CI_MERGE_REQUEST_IID: '5',
      CI_MERGE_REQUEST_PROJECT_URL: 'https://gitlab.example.com/a/b',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature/z',
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: head,
      CI_MERGE_REQUEST_TITLE: 'Sell less',
    }),
    is: {
      commit: {
        branch: 'feature/z',
        sha: head,
        message: 'Sell less',
        pullRequest: 'https://gitlab.example.com/a/b/-/merge_requests/5',
      },
    },
  },
  Bitbucket: {
    env: async () => ({
      BITBUCKET_BUILD_NUMBER: '8',
      BITBUCKET_REPO_FULL_NAME: 'acme/shop',
      BITBUCKET_BRANCH: 'main',
      BITBUCKET_COMMIT: sha,
      BITBUCKET_PR_ID: '4',
    }),
    is: {
      build: {
        id: 'bitbucket-acme/shop#8',
        url: 'https://bitbucket.org/acme/shop/pipelines/results/8',
        provider: 'bitbucket',
      },
      commit: { branch: 'main', sha, pullRequest: 'https://bitbucket.org/acme/shop/pull-requests/4' },
    },
  },
};
