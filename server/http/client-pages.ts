import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyHelmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

const notPages = /^\/(api|artifacts|assets|trace-viewer)\//;

/**
 * Serves the built client in `dir`: its files, and its page for every URL without another route. The page's policy: scripts are
 * our files, style elements have the nonce of the response, and nothing comes from or goes to another origin, except that images
 * and videos may come from `filesFrom`.
 */
export async function servePages(
  app: FastifyInstance,
  { dir, filesFrom }: { dir: string; filesFrom?: string | undefined },
): Promise<void> {
  await app.register(fastifyHelmet, { global: false });
  const files = filesFrom === undefined ? [] : [filesFrom];
  const page = await readFile(path.join(dir, 'index.html'), 'utf8').catch(
    () => '<p>The client is not built: run <code>npm run build</code>. In development, Vite serves it.</p>',
  );

  async function sendPage(reply: FastifyReply): Promise<FastifyReply> {
    const nonce = randomBytes(16).toString('base64');
    await reply.helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'", `'nonce-${nonce}'`],
          imgSrc: ["'self'", 'data:', ...files],
          mediaSrc: ["'self'", ...files],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          // Reports: a sandbox without an origin.
          frameSrc: ["'self'"],
          workerSrc: ["'self'"],
          manifestSrc: ["'self'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
        },
      },
      // The proxy that terminates TLS sets this header.
      strictTransportSecurity: false,
      referrerPolicy: { policy: 'same-origin' },
    });
    // A cached page would have the nonce of another response.
    return reply.header('cache-control', 'no-store').type('text/html').send(page.replace('__NONCE__', nonce));
  }

  app.get('/', (_request, reply) => sendPage(reply));
  app.get('/index.html', (_request, reply) => sendPage(reply));
  app.register(fastifyStatic, {
    root: dir,
    index: false,
    // The build has written them: scripts/compress-client.js.
    preCompressed: true,
    cacheControl: false,
    setHeaders(response, file) {
      response.setHeader('vary', 'accept-encoding');
      const isHashed = file.includes('/assets/');
      response.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && request.headers.accept?.includes('text/html');
    if (isPage && !notPages.test(request.url)) return sendPage(reply);
    return reply.code(404).send({ error: 'not found', message: `There is nothing at ${request.url}.` });
  });
}
