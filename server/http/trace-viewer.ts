import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * Traces are made by scripts that nobody vouches for. The viewer shows their pages without their scripts; this keeps it
 * from loading a trace, or anything else, from another origin, an address that contains the trace included.
 */
const policy =
  "connect-src 'self' blob:; frame-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'";

/**
 * Goes before the viewer's service worker, which answers for files of a trace without saying what they are: opened as pages
 * of our origin, they would run their scripts there. So they have none.
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

/** Serves the trace viewer that ships with Playwright under `/trace-viewer/`; `?trace=` is the address of a trace. */
export function serveTraceViewer(app: FastifyInstance): void {
  const testPackage = createRequire(import.meta.url).resolve('@playwright/test/package.json');
  const playwrightPackage = createRequire(testPackage).resolve('playwright/package.json');
  const corePackage = createRequire(playwrightPackage).resolve('playwright-core/package.json');
  const root = path.join(path.dirname(corePackage), 'lib/vite/traceViewer');
  // Who opened it could hand it a trace by a message.
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
