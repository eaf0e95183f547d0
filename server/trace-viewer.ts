import { createRequire } from 'node:module';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * Traces are made by scripts that nobody vouches for. The viewer shows their pages without their scripts; this keeps it
 * from loading a trace, or anything else, from another origin.
 */
const policy =
  "connect-src 'self' data: blob:; frame-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'";

/** Serves the trace viewer that ships with Playwright under `/trace-viewer/`; `?trace=` is the address of a trace. */
export function serveTraceViewer(app: FastifyInstance): void {
  const testPackage = createRequire(import.meta.url).resolve('@playwright/test/package.json');
  const playwrightPackage = createRequire(testPackage).resolve('playwright/package.json');
  const corePackage = createRequire(playwrightPackage).resolve('playwright-core/package.json');
  app.register(fastifyStatic, {
    root: path.join(path.dirname(corePackage), 'lib/vite/traceViewer'),
    prefix: '/trace-viewer/',
    decorateReply: false,
    setHeaders: (response) => response.setHeader('content-security-policy', policy),
  });
}
