import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '#server/testing/free-port.ts';
import { testApp, type TestSystem, useTestApp } from '#server/testing/resources.ts';
import { runCommand } from '#server/testing/run-command.ts';
import { startInTerminal } from '#server/testing/terminal.ts';
import { testUser } from '#server/testing/users.ts';

const app = useTestApp({});
let home: string;
let env: Record<string, string>;
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'runlight-config-'));
  env = { XDG_CONFIG_HOME: home };
});
afterEach(() => rm(home, { recursive: true, force: true }));
const configFile = () => path.join(home, 'runlight/config.json');

describe('login', () => {
  test('checks address and token, and stores them where only the user can read them', async () => {
    const { url, token } = app();
    const login = await runCommand(['login', '--url', `${url}/`], { env, input: `${token}\n` });
    expect(login).toMatchObject({ exitCode: 0, stderr: '' });
    expect(login.stdout).toBe(
      `Logged in to ${url} as local (access token, owner) in the project "Default".\nStored in ${configFile()}.\n`,
    );
    expect(JSON.parse(await readFile(configFile(), 'utf8'))).toEqual({ url, token });
    expect((await stat(configFile())).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(configFile()))).mode & 0o777).toBe(0o700);

    const me = await runCommand(['whoami', '--json'], { env });
    expect(JSON.parse(me.stdout)).toMatchObject({ url, kind: 'local', role: 'owner', tokenFrom: configFile() });
    expect(me.stdout).not.toContain(token);
    expect((await runCommand(['logout'], { env })).exitCode).toBe(0);
    expect(await runCommand(['whoami'], { env })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('runlight login'),
    });
  });

  test('stores nothing that Runlight refuses, and shows no token', async () => {
    const { url } = app();
    const refused = await runCommand(['login', '--url', url, '--token', 'rl_wrong_and_secret'], { env });
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout + refused.stderr).not.toContain('wrong_and_secret');
    await expect(stat(configFile())).rejects.toThrow('ENOENT');
    for (const [args, input, message] of [
      [['login'], '', '--url'],
      [['login', '--url', 'runlight.example.com?token=rl_secret_token'], '', '"runlight.example.com" (--url) is not'],
      [['login', '--url', url], '', 'is empty'],
      [['login', '--url', url], 'rl_a b', 'copy it again'],
    ] as const) {
      const wrong = await runCommand([...args], { env, input });
      expect(wrong).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining(message) });
      expect(wrong.stderr).not.toContain('rl_secret_token');
    }
  });

  test('asks for both in a terminal, and does not show the token', async () => {
    const { url, token } = app();
    await using terminal = await startInTerminal(['login'], { env });
    await terminal.shows('Address of Runlight');
    terminal.type(`${url}\r`);
    await terminal.shows('API key');
    terminal.type(`${token}\r`);
    expect(await terminal.ended).toBe(0);
    expect((await terminal.everything()).join('\n')).not.toContain(token);
    expect(JSON.parse(await readFile(configFile(), 'utf8'))).toEqual({ url, token });
  });
});

describe('settings', () => {
  test('are taken from flags, then from the environment, then from the login', async () => {
    const { url, token } = app();
    await runCommand(['login', '--url', url], { env, input: token });
    const elsewhere = `http://127.0.0.1:${await freePort()}`;
    const whoami = (args: string[], more: Record<string, string> = {}) =>
      runCommand(['whoami', ...args], { env: { ...env, ...more } });
    expect((await whoami([], { RUNLIGHT_TOKEN: 'rl_wrong' })).exitCode).toBe(2);
    expect((await whoami(['--token', token], { RUNLIGHT_TOKEN: 'rl_wrong' })).exitCode).toBe(0);
    expect((await whoami(['--url', url], { RUNLIGHT_URL: elsewhere })).exitCode).toBe(0);
  });

  test('never send the stored token to another Runlight', async () => {
    const { url, token } = app();
    await runCommand(['login', '--url', url], { env, input: token });
    await using other = await testApp();
    const asked = await runCommand(['whoami', '--url', other.url], { env });
    expect(asked).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`the stored login is of ${url}`) });
    const run = `${other.url}/runs/01980000-0000-7000-8000-000000000000`;
    expect(await runCommand(['watch', run], { env })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(`pass --url ${other.url}`),
    });
  });

  test('that cannot be read are named', async () => {
    const { url, token } = app();
    await runCommand(['login', '--url', url], { env, input: token });
    await writeFile(configFile(), '{ "url": ');
    expect(await runCommand(['status'], { env })).toMatchObject({
      exitCode: 3,
      stderr: `${configFile()} is not what \`runlight login\` writes: run that again, or remove the file.\n`,
    });
  });
});

describe('a Runlight with accounts', () => {
  let accounts: TestSystem;
  const keys: Record<string, string> = {};
  let editorId: string;
  let testId: string;
  beforeAll(async () => {
    accounts = await testApp({ accounts: {} });
    const ada = await testUser(accounts, { email: 'ada@example.com', name: 'Ada' });
    for (const role of ['viewer', 'editor', 'reporter'] as const) {
      const { id, key } = await ada.api.keys.create.mutate({ name: `Key of ${role}`, role, expiresInDays: 1 });
      keys[role] = key;
      if (role === 'editor') editorId = id;
    }
    ({ id: testId } = await ada.api.tests.create.mutate({ name: 'Health', script: 'x' }));
    keys['revoked'] = keys['editor']!;
    keys['editor'] = (await ada.api.keys.create.mutate({ name: 'CI', role: 'editor', expiresInDays: 1 })).key;
    await ada.api.keys.revoke.mutate({ keyId: editorId });
  });
  afterAll(() => accounts[Symbol.asyncDispose]());
  const as = (role: string) => ({ ...env, RUNLIGHT_URL: accounts.url, RUNLIGHT_TOKEN: keys[role]! });

  test('says with which key and role it is used', async () => {
    const { stdout } = await runCommand(['whoami'], { env: as('editor') });
    expect(stdout).toContain('CI (API key, editor) in the project');
    expect(stdout).toContain('The token is that of RUNLIGHT_TOKEN.');
  });

  test('refuses what a key must not, with exit code 2 and the reason', async () => {
    expect(await runCommand(['run', testId], { env: as('viewer') })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('This needs the role "editor" in the project, and yours is "viewer".'),
    });
    expect(await runCommand(['login'], { env: as('reporter') })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('only reports runs'),
    });
    const revoked = await runCommand(['status'], { env: as('revoked') });
    expect(revoked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has been revoked') });
    expect(revoked.stderr).toContain('RUNLIGHT_TOKEN');
    expect(revoked.stderr).not.toContain(keys['revoked']);
  });
});

test('a Runlight that is away is exit code 4, with its address and the cause', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const away = await runCommand(['login', '--url', url], { env, input: 'rl_token' });
  expect(away).toMatchObject({ exitCode: 4, stderr: expect.stringContaining(`Runlight at ${url} cannot be reached`) });
});
