import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { APIRequestContext } from '@playwright/test';
import { pack } from 'tar-stream';
import { call } from './api.ts';

/** Pushes a suite of these files (content as JSON) as `runlight push` would, of a commit on `main`. `request` sends a token. */
export async function pushSuite(
  request: APIRequestContext,
  url: string,
  suite: string,
  files: Record<string, object> = { 'package-lock.json': {}, 'playwright.config.ts': {} },
): Promise<{ suiteId: string }> {
  const tar = pack();
  for (const [name, content] of Object.entries(files))
    tar.entry({ name, mode: 0o644, mtime: new Date(0) }, JSON.stringify(content));
  tar.finalize();
  const bytes = await buffer(tar);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const sent = await request.put(`${url}/api/bundles/${hash}`, { data: gzipSync(bytes) });
  if (!sent.ok()) throw new Error(await sent.text());
  return call(request, url, 'suites.push', {
    suite,
    hash,
    dir: '',
    config: 'playwright.config.ts',
    packageManager: 'npm',
    lockFile: 'package-lock.json',
    branch: 'main',
    commitSha: 'a1b2c3d4e5',
    commitMessage: 'feat: pay by card',
  });
}
