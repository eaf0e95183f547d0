import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { useTestApp } from '#server/testing/resources.ts';
import { startRestartingProxy } from '#server/testing/restarting-proxy.ts';
import { runCommand } from '#server/testing/run-command.ts';
import { smallSuite, suiteFolder } from '#server/testing/suite-folder.ts';
import { startInTerminal } from '#server/testing/terminal.ts';

const app = useTestApp({});
const env = (url = app().url) => ({ RUNLIGHT_URL: url, RUNLIGHT_TOKEN: app().token });
const bundlesOf = async (suiteId: string) => (await app().client.api.suites.bundles.query({ suiteId })).items;

test('push sends a suite once, and says what it is of', async () => {
  using suite = suiteFolder({
    ...smallSuite,
    'package.json': '{"name":"shop-e2e"}',
    'tests/a.spec.ts': 'a',
    '.env': 'secret',
  });
  suite.git('init', '-qb', 'main');
  suite.git('add', '-A');
  suite.git('commit', '-qm', 'pay by card');
  const push = (...args: string[]) => runCommand(['push', ...args], { env: env(), cwd: suite.dir });
  const first = await push('--json');
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  const said = JSON.parse(first.stdout) as Record<string, unknown> & { suiteId: string; sentBytes: number };
  const sha = suite.git('rev-parse', 'HEAD').toString().trim();
  const source = { branch: 'main', commitSha: sha, isDirty: false };
  expect(said).toMatchObject({ type: 'push', suite: 'shop-e2e', isNew: true, files: 4, ...source });
  expect(said.sentBytes).toBeGreaterThan(0);
  expect(await bundlesOf(said.suiteId)).toMatchObject([
    { ...source, files: 4, dir: '', config: 'playwright.config.ts', commitMessage: 'pay by card', author: 'Ada' },
  ]);

  suite.write('tests/b.spec.ts', 'b');
  const second = await push();
  expect(second.stdout).toMatch(
    new RegExp(
      String.raw`^Pushed the suite "shop-e2e": 5 files, \d+ B \(\d+ B sent\) · main · ${sha.slice(0, 7)} · with changes that are not committed\n${app().url}/suites/${said.suiteId}\n$`,
    ),
  );
  expect((await push()).stdout).toContain('(nothing to send)');
  expect(await bundlesOf(said.suiteId)).toHaveLength(2);
  const other = JSON.parse((await push('--suite', 'Other', '--json')).stdout) as { suiteId: string };
  expect(other).toMatchObject({ suite: 'Other', isNew: true, sentBytes: 0 });
  expect(other.suiteId).not.toBe(said.suiteId);
});

test('push --list says what would be sent, and sends nothing', async () => {
  using suite = suiteFolder({ ...smallSuite, '.env': '', 'tests/\u001B[2J.ts': '', '.runlightignore': 'big', big: '' });
  const { stdout, stderr, exitCode } = await runCommand(['push', suite.dir, '--list']);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toContain(
    `5 files, 7 B from ${suite.dir}\nConfig playwright.config.ts, npm by package-lock.json, no Playwright`,
  );
  expect(stdout).toContain('\n  tests/.ts\n');
  expect(stdout).toMatch(/Left out:\n {2}\.env {2}\(may have secrets[^\n]+\)\n {2}big {2}\(\.runlightignore\)\n/);
  const { stdout: short } = await runCommand(['push', '--dry-run'], { cwd: suite.dir });
  expect(short).not.toContain('package.json\n');
  expect(short).toContain('Left out:');
});

test('what is missing, or may not be, is said with the way out', async () => {
  using empty = suiteFolder({ 'a.txt': '' });
  using unlocked = suiteFolder({ 'playwright.config.ts': '', 'package.json': '{}' });
  for (const [dir, message] of [
    [empty.dir, 'There is no playwright.config.ts'],
    [unlocked.dir, 'There is no lock file (package-lock.json, '],
    [path.join(empty.dir, 'nowhere'), 'is not a folder'],
  ] as const)
    expect(await runCommand(['push', dir], { env: env() }), dir).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
});

test('an upload that is cut is sent again, and leaves no file behind', async () => {
  using suite = suiteFolder({ ...smallSuite, 'tests/random.bin': randomBytes(3_000_000) });
  using proxy = await startRestartingProxy(app().url);
  proxy.cutNextUpload();
  const TMPDIR = path.join(suite.dir, 'node_modules');
  mkdirSync(TMPDIR);
  const { stdout, stderr, exitCode } = await runCommand(['push', '--json'], {
    env: { ...env(proxy.url), TMPDIR },
    cwd: suite.dir,
  });
  expect({ exitCode, said: JSON.parse(stdout) }).toMatchObject({ exitCode: 0, said: { isNew: true, files: 4 } });
  expect(stderr).toMatch(/^The bundle is sent again: Runlight at .* cannot be reached: [^\n]+\n$/);
  expect(proxy.requests.filter((request) => request.startsWith('PUT /api/bundles/'))).toHaveLength(2);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('a terminal shows how far it is', async () => {
  using suite = suiteFolder({
    ...smallSuite,
    'package.json': '{"name":"Shown"}',
    'tests/random.bin': randomBytes(9_000_000),
  });
  await using terminal = await startInTerminal(['push', suite.dir], { env: env() });
  expect(await terminal.ended).toBe(0);
  const [line, address, ...rest] = await terminal.everything();
  expect(line).toMatch(/^Pushed the suite "Shown": 4 files, 9\.0 MB \(9\.0 MB sent\)/);
  expect([address, rest.join('').trim()]).toEqual([expect.stringContaining(`${app().url}/suites/`), '']);
  expect(terminal.output()).toMatch(/Reading 1 of 4 files[^]*Sending [\d.]+ MB of 9\.0 MB/);
});
