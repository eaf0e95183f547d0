import type { ProjectRole } from '#shared/project-role.ts';

/** How one gets in here; `isNew`: nobody has signed up yet; `provider`: that of OIDC, by its name. */
export type SignInWays = { kind: 'token' } | { kind: 'accounts'; isNew: boolean; provider?: string };

/** What the link of an invitation says. */
export interface Invitation {
  email: string;
  role: ProjectRole;
  organization: string;
  /** The one that it is for; null: it is for all of the organisation. */
  project: string | null;
  invitedBy: string;
  /** Whoever is invited has signed up before. */
  hasAccount: boolean;
}

/** Asks the server something outside of tRPC. Throws an Error that says in its words why it was refused. */
export async function requestJson<T = void>(path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error("Runlight's server gave no answer. Is it running, and are you online?");
  });
  const answer = (await response.json().catch(() => undefined)) as (T & { message?: string }) | undefined;
  if (!response.ok) throw new Error(answer?.message ?? `Runlight's server answered with ${response.status}.`);
  return answer as T;
}

/** The address that one came from; never one of another site. */
export function returnAddress(search: string): string {
  const to = new URLSearchParams(search).get('to') ?? '/';
  return /^\/(?![/\\])/.test(to) ? to : '/';
}

/** Pages that stand before the app, where nobody has been let in yet. */
export function isSignedOutPath(pathname: string): boolean {
  return pathname === '/sign-in' || /^\/(join|reset)\//.test(pathname);
}

/** Leaves for the sign-in page, which comes back to this one. Loads it anew, so that nothing of before is kept. */
export function leaveForSignIn(): void {
  const { pathname, search, hash } = location;
  if (isSignedOutPath(pathname)) return;
  location.assign(`/sign-in?to=${encodeURIComponent(pathname + search + hash)}`);
}

/** Ends the session, or locks this browser out, and leaves. */
export async function signOut(kind: 'local' | 'user' | 'key'): Promise<void> {
  await requestJson(kind === 'local' ? '/api/sign-out' : '/api/auth/sign-out', {});
  location.assign('/sign-in');
}
