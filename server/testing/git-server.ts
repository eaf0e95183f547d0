import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SuiteFolder, suiteFolder } from './suite-folder.ts';

export interface GitServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4711`. */
  url: string;
  /** What the server takes as a password. */
  token: string;
  /** What was asked, and with which header of the authorization. */
  requests: { host: string; path: string; authorization: string | undefined }[];
  /** Makes a repository of files; the folder is where it is written. */
  repository(name: string, files: Record<string, string | Buffer>): SuiteFolder & { commit(message: string): string };
}

/**
 * Git's own server (`git http-backend`) behind node:http. It wants the token for all repositories but those with `public` in their
 * name; `/moved/…` leads to the same repository on another host name, and `/silent/…` never answers.
 */
export async function startGitServer(token = 'glpat-of-the-test'): Promise<GitServer> {
  const root = mkdtempSync(path.join(tmpdir(), 'runlight-git-'));
  const folders: SuiteFolder[] = [];
  const requests: GitServer['requests'] = [];
  const wanted = `Basic ${Buffer.from(`git:${token}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const { host = '', authorization } = request.headers;
    const { pathname, search } = new URL(request.url!, 'http://host');
    requests.push({ host, path: pathname, authorization });
    if (pathname.startsWith('/silent/')) return;
    if (pathname.startsWith('/moved/')) {
      const location = `http://${host.replace('127.0.0.1', 'localhost')}${pathname.replace('/moved', '')}${search}`;
      response.writeHead(302, { location }).end();
      return;
    }
    if (!pathname.includes('public') && authorization !== wanted)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    else serve(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    requests,
    repository(name, files) {
      const bare = path.join(root, name);
      execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare]);
      const folder = suiteFolder(files);
      folders.push(folder);
      folder.git('init', '-q', '-b', 'main');
      const commit = (message: string) => {
        folder.git('add', '-A', '-f');
        folder.git('commit', '-q', '-m', message);
        folder.git('push', '-q', bare, 'HEAD');
        return folder.git('rev-parse', 'HEAD').toString().trim();
      };
      return { ...folder, commit };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const folder of folders) folder[Symbol.dispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Runs git's CGI program for a request. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url!, 'http://host');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nowhere',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      HTTP_GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.stdin.on('error', () => {});
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf('\r\n\r\n');
    const headers = answer
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': ') as [string, string]);
    const status = Number(headers.find(([name]) => name === 'Status')?.[1]?.slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
    response.end(answer.subarray(end + 4));
  });
}
