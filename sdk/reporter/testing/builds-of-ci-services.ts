import { type DocumentedBuild, head, sha } from './documented-build.ts';

/** Variables as providers that only build document them, and what is made of them. */
export const buildsOfCiServices: Record<string, DocumentedBuild> = {
  'Jenkins, multibranch': {
    env: async () => ({
      JENKINS_URL: 'https://ci.example.com/',
      JOB_NAME: 'shop/PR-3',
      BUILD_NUMBER: '18',
      BUILD_TAG: 'jenkins-shop-PR-3-18',
      BUILD_URL: 'https://ci.example.com/job/shop/job/PR-3/18/',
      BRANCH_NAME: 'PR-3',
      CHANGE_ID: '3',
      CHANGE_URL: 'https://git.example.com/shop/pull/3',
      CHANGE_BRANCH: 'feature/j',
      CHANGE_TITLE: 'A change',
      CHANGE_AUTHOR: 'jen',
      GIT_COMMIT: sha,
    }),
    is: {
      build: {
        id: 'jenkins-shop/PR-3#18',
        attempt: null,
        url: 'https://ci.example.com/job/shop/job/PR-3/18/',
        provider: 'jenkins',
      },
      commit: {
        branch: 'feature/j',
        sha,
        message: 'A change',
        author: 'jen',
        pullRequest: 'https://git.example.com/shop/pull/3',
      },
    },
  },
  'Jenkins, freestyle': {
    env: async () => ({
      JENKINS_HOME: '/j',
      JOB_NAME: 'shop',
      BUILD_NUMBER: '2',
      GIT_BRANCH: 'origin/main',
      GIT_COMMIT: sha,
    }),
    is: { build: { id: 'jenkins-shop#2', url: null }, commit: { branch: 'main', sha } },
  },
  CircleCI: {
    env: async () => ({
      CIRCLECI: 'true',
      CIRCLE_PIPELINE_ID: 'p-1',
      CIRCLE_WORKFLOW_ID: 'w-1',
      CIRCLE_BUILD_NUM: '99',
      CIRCLE_BUILD_URL: 'https://circleci.com/gh/octo/shop/99',
      CIRCLE_BRANCH: 'main',
      CIRCLE_SHA1: sha,
      CIRCLE_USERNAME: 'octocat',
      CIRCLE_PULL_REQUEST: 'https://github.com/octo/shop/pull/12',
    }),
    is: {
      build: {
        id: 'circleci-p-1',
        attempt: 'w-1',
        url: 'https://circleci.com/gh/octo/shop/99',
        provider: 'circleci',
      },
      commit: { branch: 'main', sha, author: 'octocat', pullRequest: 'https://github.com/octo/shop/pull/12' },
    },
  },
  'Azure Pipelines, pull request': {
    env: async () => ({
      TF_BUILD: 'True',
      BUILD_BUILDID: '345',
      SYSTEM_STAGEATTEMPT: '1',
      SYSTEM_COLLECTIONURI: 'https://dev.azure.com/fabrikam/',
      SYSTEM_TEAMPROJECT: 'The Shop',
      BUILD_REPOSITORY_NAME: 'shop',
      BUILD_REPOSITORY_PROVIDER: 'TfsGit',
      BUILD_SOURCEBRANCH: 'refs/pull/6/merge',
      BUILD_SOURCEVERSION: sha,
      BUILD_SOURCEVERSIONMESSAGE: 'Merge pull request 6',
      BUILD_REQUESTEDFOR: 'Ada Löve',
      SYSTEM_PULLREQUEST_PULLREQUESTID: '6',
      SYSTEM_PULLREQUEST_SOURCEBRANCH: 'refs/heads/feature/a',
      SYSTEM_PULLREQUEST_SOURCECOMMITID: head,
    }),
    is: {
      build: {
        id: 'azure-345',
        attempt: '1',
        url: 'https://dev.azure.com/fabrikam/The%20Shop/_build/results?buildId=345',
        provider: 'azure',
      },
      commit: {
        branch: 'feature/a',
        sha: head,
        message: null,
        author: 'Ada Löve',
        pullRequest: 'https://dev.azure.com/fabrikam/The%20Shop/_git/shop/pullrequest/6',
      },
    },
  },
  Buildkite: {
    env: async () => ({
      BUILDKITE: 'true',
      BUILDKITE_BUILD_ID: 'b-1',
      BUILDKITE_BUILD_URL: 'https://buildkite.com/acme/shop/builds/1514',
      BUILDKITE_BRANCH: 'main',
      BUILDKITE_COMMIT: sha,
      BUILDKITE_MESSAGE: 'Sell\n\nmore',
      BUILDKITE_BUILD_CREATOR: 'Ada',
      BUILDKITE_PULL_REQUEST: '123',
    }),
    is: {
      build: { id: 'buildkite-b-1', url: 'https://buildkite.com/acme/shop/builds/1514', provider: 'buildkite' },
      commit: { branch: 'main', sha, message: 'Sell', author: 'Ada', pullRequest: '#123' },
    },
  },
  TeamCity: {
    env: async (file) => ({
      TEAMCITY_VERSION: '2025.11',
      BUILD_NUMBER: '5',
      BUILD_VCS_NUMBER: sha,
      TEAMCITY_BUILD_PROPERTIES_FILE: await file(
        'build.properties',
        `#TeamCity build properties\nteamcity.build.id=2042\nteamcity.configuration.properties.file=${await file(
          'configuration.properties',
          'teamcity.serverUrl=https\\://tc.example.com\nteamcity.build.branch=refs/heads/main\nteamcity.pullRequest.number=9\n',
        )}\n`,
      ),
    }),
    is: {
      build: { id: 'teamcity-2042', url: 'https://tc.example.com/viewLog.html?buildId=2042', provider: 'teamcity' },
      commit: { branch: 'main', sha, pullRequest: '#9' },
    },
  },
  Drone: {
    env: async () => ({
      DRONE: 'true',
      DRONE_REPO: 'octo/shop',
      DRONE_BUILD_NUMBER: '42',
      DRONE_BUILD_LINK: 'https://drone.example.com/octo/shop/42',
      DRONE_BRANCH: 'main',
      DRONE_SOURCE_BRANCH: 'feature/d',
      DRONE_COMMIT_SHA: sha,
      DRONE_COMMIT_MESSAGE: 'Updated README.md',
      DRONE_COMMIT_AUTHOR: 'octocat',
      DRONE_COMMIT_AUTHOR_NAME: 'The Octocat',
      DRONE_PULL_REQUEST: '42',
    }),
    is: {
      build: { id: 'drone-octo/shop#42', url: 'https://drone.example.com/octo/shop/42', provider: 'drone' },
      commit: { branch: 'feature/d', sha, message: 'Updated README.md', author: 'The Octocat', pullRequest: '#42' },
    },
  },
  Woodpecker: {
    env: async () => ({
      CI: 'woodpecker',
      CI_REPO: 'john-doe/shop',
      CI_PIPELINE_NUMBER: '8',
      CI_PIPELINE_URL: 'https://ci.example.com/repos/7/pipeline/8',
      CI_PIPELINE_FORGE_URL: 'https://git.example.com/john-doe/shop/pulls/1',
      CI_COMMIT_SHA: sha,
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_SOURCE_BRANCH: 'feature/w',
      CI_COMMIT_PULL_REQUEST: '1',
      CI_COMMIT_MESSAGE: 'Initial commit',
      CI_COMMIT_AUTHOR: 'john-doe',
    }),
    is: {
      build: {
        id: 'woodpecker-john-doe/shop#8',
        url: 'https://ci.example.com/repos/7/pipeline/8',
        provider: 'woodpecker',
      },
      commit: {
        branch: 'feature/w',
        sha,
        message: 'Initial commit',
        author: 'john-doe',
        pullRequest: 'https://git.example.com/john-doe/shop/pulls/1',
      },
    },
  },
};
