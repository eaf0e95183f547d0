import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportEntry } from '#shared/reports.ts';
import type { SuiteGit } from '#shared/suite-git.ts';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap, noSandbox, separateUser } from '#server/execution/sandbox/sandbox.ts';
import { createSupervisor } from '#server/execution/sandbox/supervisor.ts';
import type { FetchedBundle } from '#server/suites/fetched-bundle.ts';
import { type GitServer, startGitServer } from '#server/testing/git-server.ts';
import { smallSuite } from '#server/testing/suite-folder.ts';
import { prepareSuite } from '#sdk/cli/push/prepare-suite.ts';
import { fetchInSandbox, type FetchOptions } from './fetch-in-sandbox.ts';
import { suiteFetcher } from './suite-fetcher.ts';

const users = process.getuid!() === 0 ? createRunUsers() : undefined;
const sandbox = bubblewrap({ users });
const sandboxes = [sandbox, ...(users ? [separateUser(users)] : []), noSandbox];

let git: GitServer;
let shop: ReturnType<GitServer['repository']>;
let commitSha: string;
beforeAll(async () => {
  git = await startGitServer();
  shop = git.repository('shop.git', {
    ...smallSuite,
    '.gitignore': 'dist\n',
    '.env': 'A=1',
    'docs/readme.md': 'no suite',
  });
  commitSha = shop.commit('feat: pay by card\n\nIn detail.');
  git.repository('public.git', { 'playwright.config.ts': '', 'package.json': '{}' }).commit('no lock file');
  git.repository('large-public.git', { ...smallSuite, 'film.mp4': randomBytes(3e6) }).commit('a film');
});
afterAll(() => git[Symbol.asyncDispose]());

type Changes = Partial<Omit<FetchOptions, 'source'>> & { source?: Partial<SuiteGit>; token?: string };

async function fetched({ source, token = git.token, ...of }: Changes = {}) {
  const runDir = mkdtempSync(path.join(tmpdir(), 'runlight-test-'));
  const entries: ReportEntry[] = [];
  let found: FetchedBundle | undefined;
  let files: string[] = [];
  const archive = path.join(runDir, '..', `${path.basename(runDir)}.tar.gz`);
  using supervisor = createSupervisor();
  try {
    const outcome = await fetchInSandbox({
      runId: randomUUID(),
      runDir,
      sandbox,
      supervisor,
      source: { url: `${git.url}/shop.git`, branch: 'main', path: '', tokenVariable: 'GIT_TOKEN', ...source },
      suite: 'shop',
      known: [],
      variables: { values: { GIT_TOKEN: token }, secrets: [token] },
      installEnv: {},
      env: {},
      fetcherFile: suiteFetcher(),
      timeoutMs: 600_000,
      signal: new AbortController().signal,
      onEntries: async (added) => void entries.push(...added),
      onFetched: async (fetched) => {
        found = fetched;
        if (!fetched.isKnown) cpSync(fetched.archive, archive);
        files = readdirSync(runDir, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => path.join(parentPath, name));
        expect(files.filter((file) => readFileSync(file).includes(token))).toEqual([]);
      },
      ...of,
    });
    const log = entries.map((it) => (it.type === 'log' ? it.text : '')).join('');
    const tar = found && !found.isKnown ? gunzipSync(readFileSync(archive)) : Buffer.alloc(0);
    return { outcome, found, entries, log, hash: createHash('sha256').update(tar).digest('hex') };
  } finally {
    rmSync(runDir, { recursive: true, force: true });
    rmSync(archive, { force: true });
  }
}

test.each(sandboxes)(
  'the newest commit of a branch is packed as runlight push packs it, with a token that is written nowhere, in sandbox "$kind"',
  async (sandbox) => {
    const { outcome, found, log, entries, hash } = await fetched({ sandbox });
    expect(outcome).toMatchObject({ status: 'passed', code: null, details: null });
    const pushed = await prepareSuite({ env: { PATH: process.env['PATH'] } }, { dir: shop.dir, suite: 'shop' });
    expect(found).toMatchObject({
      isKnown: false,
      bundle: {
        suite: 'shop',
        hash: pushed.hash,
        dir: '',
        config: pushed.config,
        packageManager: 'npm',
        lockFile: 'package-lock.json',
        branch: 'main',
        commitSha,
        commitMessage: 'feat: pay by card',
        author: 'Ada',
        isDirty: false,
      },
    });
    expect(hash).toBe(pushed.hash);
    expect(entries[0]).toEqual({ type: 'phase', phase: 'fetch' });
    expect(log).toMatch(
      /^Fetching main of http.*shop\.git …\n[^]*Packing 5 files, .*\nmain is at \w{40} feat: pay by card\n$/,
    );
    expect(log).not.toContain(git.token);
  },
);

test('a commit that is known is not fetched again', async () => {
  const before = git.requests.length;
  const { found, log } = await fetched({ known: [commitSha] });
  expect(found).toEqual({ isKnown: true, commitSha });
  expect(log).toContain('was fetched before');
  expect(git.requests.slice(before).filter(({ path }) => path.endsWith('upload-pack'))).toHaveLength(1);
});

test.each<[string, () => Changes, string]>([
  ['a wrong token', () => ({ token: 'not-the-right-one' }), 'does not accept the token of the variable GIT_TOKEN'],
  ['no token', () => ({ source: { tokenVariable: null } }), 'needs a token, or does not exist: name a secret variable'],
  ['an absent variable', () => ({ source: { tokenVariable: 'OTHER' } }), 'has no variable OTHER'],
  ['an absent branch', () => ({ source: { branch: 'release' } }), 'has no branch "release"'],
  ['an absent folder', () => ({ source: { path: 'apps/web' } }), 'has no folder "apps/web": correct the path'],
  ['a folder without a suite', () => ({ source: { path: 'docs' } }), 'There is no playwright.config.ts'],
  ['an absent lock file', () => ({ source: { url: `${git.url}/public.git`, tokenVariable: null } }), 'no lock file'],
  ['an absent repository', () => ({ source: { url: `${git.url}/none.git` } }), 'There is no repository'],
  ['an absent server', () => ({ source: { url: 'http://127.0.0.1:9/x.git' } }), 'Check the address'],
  ['a silent server', () => ({ source: { url: `${git.url}/silent/x.git` }, longestMs: 1_000 }), 'longer than 1 s'],
  [
    'a large repository',
    () => ({ source: { url: `${git.url}/large-public.git`, tokenVariable: null }, limits: { fileBytes: 1e6 } }),
    'is too large for a worker',
  ],
  ['a worker without a network', () => ({ sandbox: bubblewrap({ users, network: 'none' }) }), 'SANDBOX_NETWORK=none'],
])('%s is said with what to do', async (_, of, text) => {
  const { outcome, found } = await fetched(of());
  expect(outcome).toMatchObject({ status: 'failed', code: 'fetch_failed', details: expect.stringContaining(text) });
  expect(outcome.details).not.toMatch(/\/runlight\/|not-the-right-one/);
  expect(found).toBeUndefined();
});

test('a server that leads elsewhere does not get the token there', async () => {
  const before = git.requests.length;
  const { outcome } = await fetched({ source: { url: `${git.url}/moved/shop.git` } });
  expect(outcome).toMatchObject({
    code: 'fetch_failed',
    details: expect.stringMatching(/has moved to "http:\/\/localhost:/),
  });
  const elsewhere = git.requests.slice(before).filter(({ host }) => host.startsWith('localhost'));
  expect(elsewhere.length).toBeGreaterThan(0);
  expect(elsewhere.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
});
