/** Why a sign-in with the OIDC provider failed; part of the address of the page that the user returns to. */
export const signInProblems = [
  /** The user did not consent at the provider. */
  'denied',
  /** The answer does not match a request of this browser, came too late, or came twice. */
  'expired',
  /** The provider does not answer in time. */
  'unavailable',
  /** The provider refuses Runlight's request or sends an invalid answer. */
  'failed',
  'too_many',
  /** The provider sends no e-mail address. */
  'no_address',
  /** The provider does not say that the e-mail address is verified. */
  'unverified',
  'uninvited',
  /** Another account at the provider has signed in with this e-mail address and is a member. */
  'taken',
  /** The invitation is for another e-mail address. */
  'other_address',
] as const;

export type SignInProblem = (typeof signInProblems)[number];

/** Message for the user. `provider`: display name of the provider. */
export function describeProblem(problem: SignInProblem, provider: string): string {
  switch (problem) {
    case 'denied':
      return `You were not signed in: ${provider} was not allowed to say who you are.`;
    case 'expired':
      return 'This attempt to sign in is over: it took too long, or was used before. Try again.';
    case 'unavailable':
      return `${provider} gives no answer at the moment. Try again soon.`;
    case 'failed':
      return `Signing in with ${provider} does not work as it is set up. Runlight's log says why.`;
    case 'too_many':
      return 'Too many attempts from your address. Try again in a minute.';
    case 'no_address':
      return `${provider} does not say your e-mail address, by which an invitation knows you.`;
    case 'unverified':
      return `${provider} does not say that your e-mail address is verified, so it cannot be trusted to be yours. Verify it there and try again.`;
    case 'uninvited':
      return `There is no invitation for the e-mail address that ${provider} has of you: ask an owner for one.`;
    case 'taken':
      return `Another account at ${provider} came with your e-mail address before. Ask an owner to remove that member, and to invite you.`;
    case 'other_address':
      return `This invitation is for another e-mail address than the one that ${provider} has of you.`;
  }
}
