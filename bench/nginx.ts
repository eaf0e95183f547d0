import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { toolsPath } from '#server/config/install-environment.ts';
import { descendantsOf, readProcessTable } from '#server/execution/sandbox/process-table.ts';
import { eventually } from '#server/testing/eventually.ts';
import { freePort } from '#server/testing/free-port.ts';

/** Each may have 20,000 files, and a watcher takes two: 40,000 watchers in five, and one more since the kernel does not spread evenly. */
const workers = 6;

export interface Nginx extends AsyncDisposable {
  port: number;
  pids: number[];
}

/** Starts nginx in front of API processes, with the settings that docs/operations.md has for many watchers. */
export async function startNginx(upstreams: readonly string[]): Promise<Nginx> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-nginx-'));
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/${kind};`);
  const file = path.join(dir, 'nginx.conf');
  await writeFile(
    file,
    `daemon off; pid ${dir}/pid; error_log stderr crit;
worker_processes ${workers};
worker_rlimit_nofile 20000;
events { worker_connections 19000; }
http {
  access_log off; ${temp.join(' ')}
  upstream runlight { ${upstreams.map((url) => `server ${new URL(url).host} max_fails=0;`).join(' ')} }
  server {
    listen 127.0.0.1:${port} reuseport backlog=4096;
    location / {
      proxy_pass http://runlight;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_read_timeout 120s;
    }
  }
}
`,
  );
  const child = spawn('nginx', ['-e', 'stderr', '-p', dir, '-c', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Debian has it where only root looks.
    env: { PATH: `${toolsPath()}:/usr/sbin` },
  });
  const failure = once(child, 'error').then(([error]) => error as NodeJS.ErrnoException);
  const exit = once(child, 'exit');
  const dispose = async () => {
    child.kill('SIGTERM');
    await exit;
    await rm(dir, { recursive: true, force: true });
  };
  const isThere = eventually(async () => {
    if ((await fetch(`http://127.0.0.1:${port}/healthz`)).status !== 200) throw new Error('nginx does not answer');
  });
  const error = await Promise.race([isThere, failure, exit.then(([code]) => new Error(`nginx ended with ${code}`))]);
  if (error instanceof Error)
    throw 'code' in error && error.code === 'ENOENT'
      ? new Error('nginx is not installed. On Debian or Ubuntu: apt-get install nginx')
      : error;
  const pids = descendantsOf(child.pid!, readProcessTable()).map(({ pid }) => pid);
  return { port, pids, [Symbol.asyncDispose]: dispose };
}
