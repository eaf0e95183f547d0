/** Why signing in with the OIDC provider came to nothing; in the address of the page that one comes back to. */
export const signInProblems = [
  /** They did not let the provider tell. */
  'denied',
  /** The answer does not belong to what this browser asked, or came too late, or a second time. */
  'expired',
  /** The provider gives no answer, or not in time. */
  'unavailable',
  /** The provider refuses us, or says what makes no sense. */
  'failed',
  'too_many',
  /** The provider tells no e-mail address. */
  'no_address',
  /** The provider does not say that the address is theirs. */
  'unverified',
  'uninvited',
  /** Another account at the provider has signed in with this address before, and is a member. */
  'taken',
  /** The invitation is for another address. */
  'other_address',
] as const;

export type SignInProblem = (typeof signInProblems)[number];

/** What happened and what to do, for the person. `provider`: the name that they know it by. */
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
