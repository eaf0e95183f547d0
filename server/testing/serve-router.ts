import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnyTRPCRouter } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { expect } from 'vitest';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import type { Caller } from '#server/identity/caller.ts';
import { createResponder } from '#server/sse/responder.ts';
import type { Context } from '#server/trpc/context.ts';
import { createTestClient, type TestClientOf } from './client.ts';
import { eventually } from './eventually.ts';
import type { TestSystem } from './resources.ts';

const prefix = '/api/trpc/';

/**
 * Serves a router that is not part of Runlight, such as an example, to viewers of the app's project. Disposing fails when
 * a stream was left open.
 */
export async function serveRouter<Router extends AnyTRPCRouter>(
  { projectId }: TestSystem,
  router: Router,
): Promise<{ client: TestClientOf<Router> } & AsyncDisposable> {
  const caller: Caller = {
    principal: { kind: 'local', id: 'local', name: 'Example' },
    projectId,
    organizationId: defaultOrganizationId,
    role: 'viewer',
    ownsOrganization: false,
  };
  const context: Context = { ...caller, caller, address: '127.0.0.1', onRefused() {} };
  const createContext = () => context;
  const responder = createResponder({
    router,
    createContext,
    pingIntervalMs: 10_000,
    reconnectAfterInactivityMs: 30_000,
    connectionTimeoutMs: 300_000,
  });
  const answerOthers = createHTTPHandler({ router, createContext, basePath: prefix });
  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url!, 'http://localhost');
    const request = { path: pathname.slice(prefix.length), searchParams, headers: req.headers };
    if (responder.answers(request)) void responder.respond(req, res, request);
    else answerOthers(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createTestClient<Router>({ url: `http://127.0.0.1:${port}`, headers: {} });
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.closeStreams();
      await eventually(() => expect(responder.unfinished(), 'streams that were left open').toEqual([]));
      responder[Symbol.dispose]();
      server.closeAllConnections();
      server.close();
    },
  };
}
