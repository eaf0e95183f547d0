/** CI systems that the reporter recognises by their variables. */
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
