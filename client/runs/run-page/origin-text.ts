import { providerNames } from '#client/runs/status/provider-names.ts';

const providers: Record<string, string> = { ...providerNames, ci: 'CI' };

/** The name of a CI provider, as the reporter knows it, for people. */
export const providerText = (provider: string | null) =>
  provider === null ? 'Build' : (Object.hasOwn(providers, provider) && providers[provider]) || provider;

/** `#12` of a pull request's address, or what there is in its place. */
export function pullRequestText(pullRequest: string): string {
  const number = /^https?:\/\/.*\/(\d+)\/?(?:[?#].*)?$/.exec(pullRequest)?.[1];
  return number === undefined ? pullRequest : `#${number}`;
}
