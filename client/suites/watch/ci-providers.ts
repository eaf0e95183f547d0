/** Those whose variables the reporter knows. */
export const ciProviders = [
  'github',
  'gitlab',
  'jenkins',
  'circleci',
  'azure',
  'buildkite',
  'bitbucket',
  'teamcity',
  'drone',
] as const;
export type CiProvider = (typeof ciProviders)[number];
