import type { ProjectRole } from '#shared/project-role.ts';

/** How users sign in. `isNew`: there is no account yet. `provider`: the name of the OIDC provider. */
export type SignInWays = { kind: 'token' } | { kind: 'accounts'; isNew: boolean; provider?: string };

/** The content of an invitation. */
export interface Invitation {
  email: string;
  role: ProjectRole;
  organization: string;
  /** The only project it is for; null: all projects of the organisation. */
  project: string | null;
  invitedBy: string;
  /** An account with this address exists. */
  hasAccount: boolean;
}

/** Sends a request outside tRPC: a POST if there is a body. Throws an Error with the server's message if it is refused. */
export async function requestJson<T = void>(path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error("Runlight's server did not answer. Is it running, and are you online?");
  });
  const answer = (await response.json().catch(() => undefined)) as (T & { message?: string }) | undefined;
  if (!response.ok) throw new Error(answer?.message ?? `Runlight's server answered with ${response.status}.`);
  return answer as T;
}

/** The address to return to after signing in; never one of another site, nor the sign-in page again. */
export function returnAddress(search: string): string {
  const to = new URLSearchParams(search).get('to') ?? '/';
  // Browsers skip tabs and line ends in an address: a slash, a tab and a slash would lead to another site.
  return /^\/(?![/\\])[\x20-\x7e]*$/.test(to) && !isSignedOutPath(to.split(/[?#]/, 1)[0]!) ? to : '/';
}

/** True for the pages that need no session. */
export function isSignedOutPath(pathname: string): boolean {
  return pathname === '/sign-in' || /^\/(join|reset)\//.test(pathname);
}

/** True for the page of a share link. */
export function isSharedPath(pathname: string): boolean {
  return pathname.startsWith('/shared/');
}

/** Goes to the sign-in page, which returns here. Reloads the app, so that no data of the old session is kept. */
export function leaveForSignIn(): void {
  const { pathname, search, hash } = location;
  if (isSignedOutPath(pathname)) return;
  location.assign(`/sign-in?to=${encodeURIComponent(pathname + search + hash)}`);
}

/** Ends the session, or forgets the access token, and goes to the sign-in page. */
export async function signOut(kind: 'local' | 'user' | 'key'): Promise<void> {
  await requestJson(kind === 'local' ? '/api/sign-out' : '/api/auth/sign-out', {});
  location.assign('/sign-in');
}
