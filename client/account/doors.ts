/** How one gets in here. */
export interface SignInWays {
  kind: 'token';
}

/** Asks the server something outside of tRPC. Throws an Error that says in its words why it was refused. */
export async function ask<T = void>(path: string, body?: object): Promise<T> {
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

/** Leaves for the sign-in page, which comes back to this one. Loads it anew, so that nothing of before is kept. */
export function leaveForSignIn(): void {
  const { pathname, search, hash } = location;
  if (pathname === '/sign-in') return;
  location.assign(`/sign-in?to=${encodeURIComponent(pathname + search + hash)}`);
}
