import type { ProjectRole } from '#shared/project-role.ts';
import { createTestClient } from './client.ts';

export interface TestUserOptions {
  email: string;
  name: string;
  invitation?: string;
  /** They have signed up before. */
  signIn?: boolean;
  /** Where they come from, behind a proxy. */
  address?: string;
}

/** Signs a user up, or in, as a browser does, and returns the user's client. */
export async function testUser(app: { url: string }, { signIn = false, address, ...user }: TestUserOptions) {
  const response = await fetch(`${app.url}/api/auth/sign-${signIn ? 'in' : 'up'}/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(address && { 'x-forwarded-for': address }) },
    body: JSON.stringify({ ...user, password: 'correct horse battery' }),
  });
  const [setCookie = ''] = response.headers.getSetCookie();
  if (!response.ok) throw new Error(`${user.email} was refused: ${response.status} ${await response.text()}`);
  const headers = { cookie: setCookie.split(';')[0]! };
  return { ...createTestClient({ url: app.url, headers }), headers, setCookie };
}

/** A client of a user or a program, for this project. */
export function inProject(app: { url: string }, { headers }: { headers: Record<string, string> }, projectId: string) {
  return createTestClient({ url: app.url, headers: { ...headers, 'x-runlight-project': projectId } });
}

const emailOf = (name: string) => `${name.toLowerCase()}@example.com`;

/** Signs up a user by the `path` of an invitation. */
export function joinBy(app: { url: string }, name: string, { path }: { path: string }) {
  return testUser(app, { email: emailOf(name), name, invitation: path.replace('/join/', '') });
}

/** Invites a user by `members.invite` or `members.inviteToProject`, and signs the user up. */
export async function inviteAndJoin(
  app: { url: string },
  name: string,
  invite: { mutate(input: { email: string; role: ProjectRole }): Promise<{ path: string }> },
  role: ProjectRole,
) {
  return joinBy(app, name, await invite.mutate({ email: emailOf(name), role }));
}
