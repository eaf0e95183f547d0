/** CI providers by the names that the reporter gives them. */
export const providerNames = {
  github: 'GitHub Actions',
  gitlab: 'GitLab CI',
  jenkins: 'Jenkins',
  circleci: 'CircleCI',
  azure: 'Azure Pipelines',
  buildkite: 'Buildkite',
  bitbucket: 'Bitbucket',
  teamcity: 'TeamCity',
  drone: 'Drone',
  woodpecker: 'Woodpecker',
};
