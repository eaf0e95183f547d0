import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { APIRequestContext } from '@playwright/test';
import { pack } from 'tar-stream';
import { call } from './api.ts';

/** Pushes a suite as `runlight push` does. Its lock file lacks a package, so that it cannot be installed. Resolves to its id. */
export async function pushBundle(
  request: APIRequestContext,
  url: string,
  suite: string,
  commit: { branch?: string; commitSha?: string; commitMessage?: string } = {},
): Promise<string> {
  const tar = pack();
  const files = {
    'package-lock.json': { name: 'shop', lockfileVersion: 3, packages: { '': { name: 'shop' } } },
    'package.json': { name: 'shop', dependencies: { fixtures: 'file:fixtures' } },
    'fixtures/package.json': { name: 'fixtures', version: '1.0.0' },
    'playwright.config.ts': { commit },
  };
  for (const [name, content] of Object.entries(files))
    tar.entry({ name, mode: 0o644, mtime: new Date(0) }, JSON.stringify(content));
  tar.finalize();
  const bytes = await buffer(tar);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const sent = await request.put(`${url}/api/bundles/${hash}`, { data: gzipSync(bytes) });
  if (!sent.ok()) throw new Error(`The bundle is refused: ${await sent.text()}`);
  const input = { suite, hash, dir: '', config: 'playwright.config.ts', packageManager: 'npm' };
  const { suiteId } = await call<{ suiteId: string }>(request, url, 'suites.push', {
    ...input,
    lockFile: 'package-lock.json',
    ...commit,
  });
  return suiteId;
}
