const providers: Record<string, string> = {
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
  ci: 'CI',
};

/** The name of a CI provider, as the reporter knows it, for people. */
export const providerText = (provider: string | null) =>
  provider === null ? 'Build' : (Object.hasOwn(providers, provider) && providers[provider]) || provider;

/** `#12` of a pull request's address, or what there is in its place. */
export function pullRequestText(pullRequest: string): string {
  const number = /^https?:\/\/.*\/(\d+)\/?(?:[?#].*)?$/.exec(pullRequest)?.[1];
  return number === undefined ? pullRequest : `#${number}`;
}
