import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { type CallerRole, callerRoles, includesRole, type KeyRole, type ProjectRole } from '#shared/project-role.ts';
import { procedures as allProcedures } from '#server/testing/procedures.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { openShareLink } from '#server/testing/share-link.ts';
import { sampleInput } from '#server/testing/sample-input.ts';
import { inProject, testUser } from '#server/testing/users.ts';
import type { Meta } from '#server/trpc/procedure.ts';

const procedures = Object.entries(allProcedures).map(([name, { _def }]) => ({
  name,
  type: _def.type,
  needs: (_def.meta as Partial<Meta> | undefined)?.role,
  ofOrganization: (_def.meta as Partial<Meta> | undefined)?.ofOrganization === true,
  // tRPC keeps the schemas of `input()`, but its types do not show them.
  schemas: (_def as unknown as { inputs: z.ZodType[] }).inputs,
}));

/** What everybody may have, because it says nothing, or because it is how one gets in. */
const openRoutes = [
  'GET /healthz',
  'GET /readyz',
  'GET /api/sign-in',
  'POST /api/shared-runs',
  'POST /api/auth/oidc/start',
  'GET /api/auth/oidc/callback',
  'GET /api/auth/*',
  'POST /api/auth/*',
  'GET /api/invitations/:secret',
  'GET /api/password-resets/:secret',
  'POST /api/password-resets/:secret',
  // The client: programs without data.
  'GET /',
  'GET /index.html',
  'GET /*',
  'GET /trace-viewer/*',
  'GET /trace-viewer/sw.bundle.js',
  // What the holder of its token may know.
  'GET /badge/:token.svg',
  'GET /runlight.tgz',
  'GET /:name(^runlight-.+\\.tgz$)',
];
const lockedRoutes = [
  'GET /metrics',
  'GET /artifacts/*',
  'GET /artifacts/:runId/new-baselines.tar.gz',
  'GET /api/runs/:runId/export/:file',
  'POST /api/invitations/:secret/accept',
  'PUT /api/reports/:runId/:part/files/*',
  'PUT /api/bundles/:hash',
];

/** What a caller sends to get in, and what they may do in the project that everything belongs to. */
interface Who {
  headers: Record<string, string>;
  role: CallerRole | 'unauthenticated' | 'stranger';
  ownsOrganization?: true;
  /** They have no role in any other project. */
  isOnlyHere?: true;
}

let app: TestSystem;
const who: Record<string, Who> = {};
let ids: Record<string, string>;
/** In every text that belongs to the project. */
const marker = 'Only for members';
const counts = { allowed: 0, refused: 0, hidden: 0 };
const table: string[] = [];

beforeAll(async () => {
  app = await testApp({
    accounts: {},
    pingIntervalMs: 400,
    oidc: {
      issuer: 'https://id.example',
      clientId: 'runlight',
      clientSecret: 'x',
      name: 'Acme',
      trustsEmail: false,
      timeoutMs: 1,
    },
  });
  const ada = await testUser(app, { email: 'ada@example.com', name: 'Ada' });
  const { projectId: otherProject } = await ada.api.projects.create.mutate({ name: 'Elsewhere' });
  const join = async (role: ProjectRole) => {
    const email = `${role}@example.com`;
    const { path: link } = await ada.api.members.invite.mutate({ email, role });
    return testUser(app, { email, name: role, invitation: link.replace('/join/', '') });
  };
  const elsewhere = { ...ada.headers, 'x-runlight-project': otherProject };
  const mint = async (role: KeyRole, headers: Record<string, string> = ada.headers) => {
    const answer = await fetch(`${app.url}/api/trpc/keys.create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name: `A key of ${role}`, role, expiresInDays: 1 }),
    });
    const { result } = (await answer.json()) as { result: { data: { id: string; key: string } } };
    return { id: result.data.id, headers: { authorization: `Bearer ${result.data.key}` } };
  };
  const joinProject = async (name: string, role: ProjectRole, projectId: string) => {
    const email = `${name.replaceAll(/\W+/g, '-')}@example.com`;
    const { path: link } = await inProject(app, ada, projectId).api.members.inviteToProject.mutate({ email, role });
    return testUser(app, { email, name, invitation: link.replace('/join/', '') });
  };
  const neighbour = await joinProject('Next door', 'owner', otherProject);
  const expired = await mint('owner');
  await app.services.db
    .updateTable('apiKeys')
    .set({ expiresAt: new Date(Date.now() - 1) })
    .where('id', '=', expired.id)
    .execute();
  const revoked = await testUser(app, { email: 'ada@example.com', name: 'Ada', signIn: true });
  const session = (await revoked.api.account.sessions.query()).items.find(({ isThisOne }) => isThisOne)!;
  await ada.api.account.revokeSession.mutate({ sessionId: session.id });
  Object.assign(who, {
    anonymous: { headers: {}, role: 'unauthenticated' },
    'a forged cookie': { headers: { cookie: 'runlight.session_token=abc.def' }, role: 'unauthenticated' },
    'a key that is none': { headers: { authorization: 'Bearer rl_guessed' }, role: 'unauthenticated' },
    'an expired key': { headers: expired.headers, role: 'unauthenticated' },
    'a revoked session': { headers: revoked.headers, role: 'unauthenticated' },
    'an owner elsewhere (key)': { headers: (await mint('owner', elsewhere)).headers, role: 'stranger' },
    'an owner of another project': { headers: neighbour.headers, role: 'stranger' },
    'a viewer': { headers: (await join('viewer')).headers, role: 'viewer' },
    'a viewer (key)': { headers: (await mint('viewer')).headers, role: 'viewer', isOnlyHere: true },
    'a reporter (key)': { headers: (await mint('reporter')).headers, role: 'reporter', isOnlyHere: true },
    'an editor': { headers: (await join('editor')).headers, role: 'editor' },
    'an editor (key)': { headers: (await mint('editor')).headers, role: 'editor', isOnlyHere: true },
    'an owner of this project only': {
      headers: (await joinProject(marker, 'owner', app.projectId)).headers,
      role: 'owner',
      isOnlyHere: true,
    },
    'an owner of all projects': { headers: ada.headers, role: 'owner', ownsOrganization: true },
    'an owner (key)': { headers: (await mint('owner')).headers, role: 'owner', isOnlyHere: true },
  } satisfies Record<string, Who>);

  const { id: testId } = await ada.api.tests.create.mutate({ name: marker, script: `// ${marker}` });
  const { id: jobId } = await ada.api.jobs.create.mutate({ name: marker, testIds: [testId] });
  const { runId } = await ada.api.jobs.run.mutate({ jobId });
  const { caseId } = (await ada.api.runs.cases.query({ runId })).items[0]!;
  ids = { testId, jobId, runId, caseId };
  const { path: link } = await ada.api.shareLinks.create.mutate({ runId });
  who['a guest (share link)'] = { headers: (await openShareLink(app, link)).headers, role: 'guest', isOnlyHere: true };
  const artifacts = path.join(app.dataDir, 'artifacts', runId);
  await mkdir(artifacts, { recursive: true });
  await writeFile(path.join(artifacts, 'trace.zip'), marker);
});
afterAll(async () => {
  console.log(
    `Who may call what, over HTTP: ${procedures.length} procedures, ${app.routes.length} routes, ${Object.keys(who).length} callers\n${table.join('\n')}\n` +
      `allowed ${counts.allowed} · refused ${counts.refused} · not found elsewhere ${counts.hidden}`,
  );
  await app[Symbol.asyncDispose]();
});

/** Calls a procedure as a program does, and answers what a caller learns: an error's code, or `OK`. */
async function call(
  { name, type, schemas }: (typeof procedures)[number],
  { headers }: Pick<Who, 'headers'>,
  { mayBeQuiet = false } = {},
) {
  const schema = schemas[0];
  const input = schema && JSON.stringify(sampleInput(schema, ids));
  const query = input === undefined ? '' : `?input=${encodeURIComponent(input)}`;
  const abort = new AbortController();
  const response = await fetch(`${app.url}/api/trpc/${name}${type === 'mutation' ? '' : query}`, {
    headers: { ...headers, ...(type === 'mutation' && { 'content-type': 'application/json' }) },
    ...(type === 'mutation' && { method: 'POST', body: input ?? '{}' }),
    signal: abort.signal,
  });
  let text = '';
  if (type === 'subscription' && response.headers.get('content-type') === 'text/event-stream') {
    // The first event or the refusal, however long it takes; of a stream that may have nothing to tell, some pings.
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (/^event: (serialized-error|return)|^id: /m.test(text)) break;
      if (mayBeQuiet && text.split('event: ping').length > 4) break;
    }
    abort.abort();
  } else text = await response.text();
  const code = /"code":"([A-Z_]+)"/.exec(text)?.[1] ?? 'OK';
  return { code, text, takesId: input !== undefined && Object.values(ids).some((id) => input.includes(id)) };
}

test.each(procedures)('$name states who may call it', ({ needs }) => {
  expect(callerRoles).toContain(needs);
});

test('procedures that concern several projects are for owners of the organisation', () => {
  expect(procedures.filter(({ ofOrganization }) => ofOrganization).map(({ name }) => name)).toEqual([
    'members.setRole',
    'members.remove',
    'members.resetLink',
    'members.invite',
    'projects.create',
    'projects.move',
    'organizations.create',
    'organizations.rename',
  ]);
});

test('a project without a role of the caller is not found', async () => {
  const headers = { ...who['an owner of another project']!.headers, 'x-runlight-project': app.projectId };
  for (const procedure of procedures) {
    const { code, text } = await call(procedure, { headers });
    expect(code, `${procedure.name}: ${text}`).toBe('NOT_FOUND');
    expect(text, procedure.name).not.toContain(marker);
  }
});

describe('every procedure, for every caller', () => {
  test.each(procedures)('$name', async (procedure) => {
    const outcomes: string[] = [];
    for (const [caller, access] of Object.entries(who)) {
      const { code, text, takesId } = await call(procedure, access, { mayBeQuiet: access.role === 'stranger' });
      outcomes.push(code);
      const what = `${procedure.name} by ${caller}: ${text}`;
      expect(code, what).not.toBe('INTERNAL_SERVER_ERROR');
      // Neither the project beside it nor who is in that.
      if (access.isOnlyHere) expect(text, what).not.toMatch(/Elsewhere|Next.door/);
      if (access.role === 'unauthenticated') {
        expect(code, what).toBe('UNAUTHORIZED');
        expect(text, what).not.toContain(marker);
        counts.refused += 1;
      } else if (access.role === 'stranger') {
        // What is given by its id is not there; and of all else there is nothing of this project's.
        if (takesId) expect(code, what).toMatch(/^(NOT_FOUND|BAD_REQUEST)$|^OK$/);
        if (takesId && procedure.type === 'mutation') expect(code, what).toMatch(/^(NOT_FOUND|BAD_REQUEST)$/);
        expect(text, what).not.toContain(marker);
        counts.hidden += 1;
      } else if (
        includesRole(access.role, procedure.needs!) &&
        (access.ownsOrganization || !procedure.ofOrganization)
      ) {
        expect(code, what).not.toMatch(/^UNAUTHORIZED$/);
        if (code === 'FORBIDDEN') expect(text, what).toContain('not for API keys');
        counts.allowed += 1;
      } else {
        expect(code, what).toBe('FORBIDDEN');
        expect(text, what).not.toContain(marker);
        counts.refused += 1;
      }
    }
    const needs = procedure.ofOrganization ? 'owner of all' : procedure.needs!;
    table.push(`  ${procedure.name.padEnd(26)} ${needs.padEnd(12)} ${outcomes.join(' ')}`);
  });
});

describe('every route', () => {
  test('answers the same for a run of another project as for one that does not exist', async () => {
    const { headers } = who['an owner of another project']!;
    const runId = '018f0000-0000-7000-8000-000000000000';
    for (const file of ['trace.zip', 'new-baselines.tar.gz']) {
      const said = async (id: string) => (await fetch(`${app.url}/artifacts/${id}/${file}`, { headers })).text();
      expect((await said(ids['runId']!)).replace(ids['runId']!, runId)).toBe(await said(runId));
    }
  });

  test('is either open to all or locked', () => {
    const known = new Set([...openRoutes, ...lockedRoutes]);
    const others = app.routes
      .map(({ method, url }) => `${method} ${url}`)
      // HEAD is what GET is; what is below /api/trpc states its role.
      .filter((route) => !route.startsWith('HEAD ') && !/ \/api\/trpc\//.test(route))
      // The handler refuses all methods but GET and POST.
      .filter((route) => !/^(?!GET|POST)\w+ \/api\/auth\/\*$/.test(route));
    expect(others.filter((route) => !known.has(route))).toEqual([]);
  });

  test('that is locked refuses callers without a role in the project', async () => {
    const status = (url: string, { headers }: Who, method = 'GET') =>
      fetch(app.url + url, { method, headers, redirect: 'manual' }).then((response) => response.status);
    for (const [caller, access] of Object.entries(who)) {
      const artifact = await status(`/artifacts/${ids['runId']}/trace.zip`, access);
      const metrics = await status('/metrics', access);
      const exported = await status(`/api/runs/${ids['runId']}/export/junit.xml`, access);
      const isOut = access.role === 'unauthenticated';
      expect(artifact, caller).toBe(isOut ? 401 : access.role === 'stranger' ? 404 : 200);
      const refusals: Record<string, number> = { unauthenticated: 401, guest: 401, stranger: 404, reporter: 403 };
      // Of a run that is not over, unless a test before has cancelled it.
      expect(refusals[access.role] ? [refusals[access.role]] : [200, 409], caller).toContain(exported);
      expect(metrics, caller).toBe(isOut || access.role === 'guest' ? 401 : 200);
      if (isOut) {
        expect(await status('/api/invitations/x/accept', access, 'POST'), caller).toBe(401);
        expect(await status(`/artifacts/${ids['runId']}/new-baselines.tar.gz`, access), caller).toBe(401);
      }
      counts[isOut ? 'refused' : access.role === 'stranger' ? 'hidden' : 'allowed'] += 2;
    }
  });
});
