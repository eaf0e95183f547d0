import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * Traces come from untrusted scripts. The viewer shows recorded pages without their scripts; this policy keeps it from loading
 * a trace or anything else from another origin or from a `data:` URL.
 */
const policy =
  "connect-src 'self' blob:; frame-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'";

/**
 * Runs before the viewer's service worker, which serves files of a trace without a policy. Opened as pages, they would run
 * their scripts in our origin; this adds a policy that forbids scripts.
 */
const fileGuard = `{
  const respondWith = FetchEvent.prototype.respondWith;
  const locked = async (answer) => {
    const { body, status, headers } = await answer;
    const own = new Headers(headers);
    own.set('Content-Security-Policy', "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'");
    return new Response(body, { status, headers: own });
  };
  FetchEvent.prototype.respondWith = function (answer) {
    const isFile = this.request.mode === 'navigate' && /\\/trace-viewer\\/file\\//.test(this.request.url);
    respondWith.call(this, isFile ? locked(answer) : answer);
  };
}
`;

/** Serves Playwright's trace viewer under `/trace-viewer/`. `?trace=`: the URL of a trace. */
export function serveTraceViewer(app: FastifyInstance): void {
  const testPackage = createRequire(import.meta.url).resolve('@playwright/test/package.json');
  const playwrightPackage = createRequire(testPackage).resolve('playwright/package.json');
  const corePackage = createRequire(playwrightPackage).resolve('playwright-core/package.json');
  const root = path.join(path.dirname(corePackage), 'lib/vite/traceViewer');
  // Without `same-origin`, the page that opened the viewer could send it a trace by a message.
  const headers = { 'content-security-policy': policy, 'cross-origin-opener-policy': 'same-origin' };

  app.get('/trace-viewer/sw.bundle.js', async (_request, reply) =>
    reply
      .headers({ ...headers, 'cache-control': 'no-cache' })
      .type('text/javascript')
      .send(fileGuard + (await readFile(path.join(root, 'sw.bundle.js'), 'utf8'))),
  );
  app.register(fastifyStatic, {
    root,
    prefix: '/trace-viewer/',
    decorateReply: false,
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
  });
}
