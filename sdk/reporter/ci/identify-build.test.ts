import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildsOfCiServices } from '#sdk/reporter/testing/builds-of-ci-services.ts';
import { buildsOfCodeHosts } from '#sdk/reporter/testing/builds-of-code-hosts.ts';
import { sha } from '#sdk/reporter/testing/documented-build.ts';
import { identifyBuild } from './identify-build.ts';

/** Where there is no repository, a folder with files of CIs, and a repository. */
let nowhere: string;
let repository: string;
beforeAll(async () => {
  nowhere = await mkdtemp(path.join(os.tmpdir(), 'runlight-ci-'));
  repository = await mkdtemp(path.join(os.tmpdir(), 'runlight-ci-'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, stdio: 'ignore' });
  git('init', '-b', 'feature/x');
  git(
    '-c',
    'user.name=Ada Löve',
    '-c',
    'user.email=a@example.com',
    'commit',
    '--allow-empty',
    '-m',
    'first line\n\nrest',
  );
});
afterAll(async () => {
  for (const dir of [nowhere, repository]) await rm(dir, { recursive: true, force: true });
});

async function file(name: string, text: string): Promise<string> {
  await writeFile(path.join(nowhere, name), text);
  return path.join(nowhere, name);
}

test.for(Object.entries({ ...buildsOfCodeHosts, ...buildsOfCiServices }))('%s', async ([, { env, is }]) => {
  const variables = await env(file);
  const found = await identifyBuild({ env: variables, cwd: nowhere, buildId: undefined });
  expect(found).toMatchObject({ ...is, isShared: true });
  // All jobs of the build say the same, and one that is named counts more.
  expect(await identifyBuild({ env: variables, cwd: nowhere, buildId: undefined })).toEqual(found);
  const named = await identifyBuild({ env: variables, cwd: nowhere, buildId: 'mine' });
  expect(named.build).toEqual({ ...found.build, id: 'mine' });
});

test('on a laptop, git says what is tested, and each process is a build of its own', async () => {
  const one = await identifyBuild({ env: {}, cwd: repository, buildId: undefined });
  const two = await identifyBuild({ env: {}, cwd: repository, buildId: undefined });
  expect(one).toMatchObject({
    build: { attempt: null, url: null, provider: null },
    commit: { branch: 'feature/x', message: 'first line', author: 'Ada Löve', pullRequest: null },
    isShared: false,
  });
  expect(one.commit.sha).toMatch(/^[0-9a-f]{40}$/);
  expect(two.commit).toEqual(one.commit);
  expect(two.build.id).not.toBe(one.build.id);
});

test('what a CI does not say comes from git, if that has the commit', async () => {
  const { commit } = await identifyBuild({ env: {}, cwd: repository, buildId: undefined });
  const env = { CI: 'true', BITBUCKET_BUILD_NUMBER: '8', BITBUCKET_BRANCH: 'main' };
  const of = (BITBUCKET_COMMIT: string) =>
    identifyBuild({ env: { ...env, BITBUCKET_COMMIT }, cwd: repository, buildId: undefined });
  expect((await of(commit.sha!)).commit).toMatchObject({ branch: 'main', message: 'first line', author: 'Ada Löve' });
  expect((await of(sha)).commit).toMatchObject({ branch: 'main', sha, message: null, author: null });
  expect((await of('--output=/tmp/x')).commit).toMatchObject({ message: null });
});

test('without git, a repository or sense in the variables, the rest is still said', async () => {
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_RUN_ID: '7',
    GITHUB_SERVER_URL: 'javascript:',
    GITHUB_EVENT_PATH: nowhere,
  };
  expect(await identifyBuild({ env, cwd: path.join(nowhere, 'none'), buildId: undefined })).toEqual({
    build: { id: 'github-7', attempt: null, url: null, provider: 'github' },
    commit: { branch: null, sha: null, message: null, author: null, pullRequest: null },
    isShared: true,
  });
  const unknown = await identifyBuild({ env: { CI: '1' }, cwd: nowhere, buildId: undefined });
  expect(unknown).toMatchObject({ build: { provider: 'ci' }, isShared: false });
});
