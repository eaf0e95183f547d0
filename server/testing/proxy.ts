import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export type ProxyKind = 'nginx' | 'haproxy';

export interface TestProxy extends AsyncDisposable {
  url: string;
}

/** Starts a proxy with the configuration of docs/operations.md in front of two processes. Disposing kills it. */
export async function startProxy(kind: ProxyKind, upstreams: readonly [string, string]): Promise<TestProxy> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-proxy-'));
  const port = await freePort();
  const addresses = { '127.0.0.1:8080': `127.0.0.1:${port}` } as Record<string, string>;
  for (const [index, url] of upstreams.entries()) addresses[`127.0.0.1:300${index + 1}`] = new URL(url).host;
  const documented = (await readDocumented(kind)).replaceAll(/127\.0\.0\.1:\d+/g, (address) => addresses[address]!);
  const file = path.join(dir, 'proxy.conf');
  await writeFile(file, kind === 'nginx' ? aroundNginx(dir, documented) : documented);
  const [command, args] =
    kind === 'nginx' ? ['nginx', ['-e', 'stderr', '-p', dir, '-c', file]] : ['haproxy', ['-db', '-f', file]];
  const child = spawn(command as string, args as string[], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Debian has them where only root looks.
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const exit = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const proxy = {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exit;
      await rm(dir, { recursive: true, force: true });
    },
  };
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${kind} ended with ${child.exitCode}: ${output}`);
      const { status } = await fetch(`${url}/healthz`);
      if (status !== 200) throw new Error(`${kind} answers ${status}: ${output}`);
    });
    return proxy;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function readDocumented(kind: ProxyKind): Promise<string> {
  const text = await readFile(path.resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [, block] = new RegExp(`\n\`\`\`${kind}\n(.*?)\n\`\`\``, 's').exec(text) ?? [];
  if (block === undefined) throw new Error(`docs/operations.md has no configuration of ${kind}.`);
  return `${block}\n`;
}

/** What a distribution's nginx.conf has around a site. */
function aroundNginx(dir: string, site: string): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`);
  return `daemon off; pid ${dir}/pid; error_log stderr;
events { worker_connections 4096; }
http { access_log off; ${temp.join(' ')}
${site}}
`;
}
