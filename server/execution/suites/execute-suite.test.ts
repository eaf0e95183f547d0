import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveOf } from '#server/testing/played-bundle.ts';
import { freePort } from '#server/testing/free-port.ts';
import { executed, npmBundle as bundle, writeSuite, type WrittenSuite } from '#server/testing/executed-suite.ts';
import { shopSuite } from '#server/testing/shop-suite.ts';
import { unzipped } from '#server/testing/zip.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap, noSandbox, separateUser } from '#server/execution/sandbox/sandbox.ts';
import { shutdownReason } from '#server/execution/playwright/execute-playwright.ts';

const isRoot = process.getuid!() === 0;
const users = isRoot ? createRunUsers() : undefined;
const sandbox = bubblewrap({ users });
const sandboxes = [sandbox, ...(users ? [separateUser(users)] : []), noSandbox];

let installsDir: string;
beforeAll(async () => void (installsDir = await mkdtemp(path.join(tmpdir(), 'runlight-installs-'))));
afterAll(() => rm(installsDir, { recursive: true }));

/** What its authors have committed; the other suites need the same packages, so that they are installed once. */
let shop: Record<string, string>;
beforeAll(async () => {
  const files = shopSuite(await freePort());
  await using suite = await writeSuite(files, {
    prepare: ['npm install --package-lock-only --ignore-scripts --no-audit --no-fund'],
  });
  shop = { ...files, 'package-lock.json': await readFile(path.join(suite.dir, 'package-lock.json'), 'utf8') };
});

/** Tries to change the packages. Each process of Playwright loads a config. */
const intrusion = `import fs from 'node:fs';
fs.appendFileSync('node_modules/.cache/own', 'x');
for (const write of [() => fs.appendFileSync('node_modules/@playwright/test/cli.js', 'broken('), () => fs.writeFileSync('node_modules/own', '')])
  try { write(); console.log('written'); } catch (error) { console.log(error.code); }
`;

describe('a suite of npm with aliases, page objects, a login, a server and snapshots', () => {
  let suite: WrittenSuite;
  beforeAll(async () => {
    suite = await writeSuite({ ...shop, 'playwright.config.ts': intrusion + shop['playwright.config.ts'] });
  });
  afterAll(() => suite[Symbol.asyncDispose]());

  // Each run but the first has the packages that those before it have tried to change, in another sandbox.
  it.each(sandboxes)(
    'has its results in sandbox "$kind", and cannot change packages that other runs have',
    async (sandbox) => {
      const variables = { values: { PASSWORD: 'sesame-open' }, secrets: ['sesame-open'] };
      const options = { args: ['--trace=on'] };
      const run = await executed({ ...suite, bundle, installsDir, sandbox, options, variables });
      expect(run.outcome).toMatchObject({ status: 'failed', code: null, details: null });
      expect(run.counts).toEqual({ expected: 4, unexpected: 1, flaky: 1, skipped: 1 });
      const phases = run.entries.flatMap((it) => (it.type === 'phase' ? [it.phase] : []));
      expect(phases.slice(0, 4)).toEqual(['install', 'sandbox', 'compile', 'browser']);
      expect(run.log).toContain('the own reporter was here');
      expect(run.log).toContain('[WebServer] the server is up');
      expect(run.log).toMatch(/^(Installing with npm ci …|3 packages from the cache in)/);
      if (sandbox.kind !== 'none') expect(run.log).toMatch(/E(ROFS|ACCES)\nE(ROFS|ACCES)/);
      const note = [...run.files].find(([name]) => name.includes('note'));
      expect(note?.[1].toString()).toBe('signed in with ***');
      const traces = [...run.files].filter(([name]) => name.endsWith('trace.zip'));
      const traced = (await Promise.all(traces.map(([, zip]) => unzipped(zip)))).map((files) =>
        Object.values(files).join(),
      );
      expect(traced.filter((text) => text.includes('signed in with ***'))).toHaveLength(1);
      expect(traced.join()).not.toContain('sesame-open');
      expect(run.left).toEqual([]);
    },
  );

  it('is divided and filtered as its options say', async () => {
    const options = {
      projects: ['shop'],
      grep: 'snapshot|should',
      args: ['--no-deps', '--retries=0', '--fully-parallel'],
    };
    const run = await executed({ ...suite, bundle, installsDir, sandbox, options, shard: { current: 1, total: 2 } });
    expect(run.outcome).toMatchObject({ status: 'passed', code: null });
    expect(run.counts).toEqual({ expected: 1, unexpected: 0, flaky: 0, skipped: 0 });
  });
});

/** A suite of one file. */
const small = (files: Record<string, string>) =>
  writeSuite({
    'package.json': shop['package.json']!,
    'package-lock.json': shop['package-lock.json']!,
    'playwright.config.ts': 'export default {};',
    'a.spec.ts': "import { test } from '@playwright/test';\ntest('passes', () => {});",
    ...files,
  });
const spec = (body: string) => `import { test, expect } from '@playwright/test';\nimport fs from 'node:fs';\n${body}`;

const listenOn = (port: number) => `node -e "require('http').createServer().listen(${port}, '127.0.0.1')"`;

describe('a suite ends with a clear reason', () => {
  it.each([
    ['when its config throws', "throw new Error('no config today');", 'script_error', 'Error: no config today'],
    [
      'when its config ends the process',
      "console.error('on the way'); process.exit(3);",
      'script_error',
      '(exit code 3).\non the way',
    ],
    [
      'when it writes garbage into the pipe',
      "fs.writeSync(3, 'garbage\\n'); export default {};",
      'forged_report',
      'channel',
    ],
    [
      'when it writes a message without end',
      "endlessly(() => fs.writeSync(3, 'x'.repeat(1e6)));",
      'forged_report',
      'channel',
    ],
    [
      'when it prints without end',
      "endlessly(() => fs.writeSync(1, 'x'.repeat(1e5) + '\\n'));",
      'output_limit',
      '20 MB',
    ],
  ])('%s', async (_, config, code, details) => {
    const endlessly =
      "const endlessly = (write) => { for (;;) try { write(); } catch (error) { if (error.code !== 'EAGAIN') process.exit(); } };";
    await using suite = await small({ 'playwright.config.ts': `import fs from 'node:fs'; ${endlessly} ${config}` });
    const { outcome, log } = await executed({ ...suite, bundle, installsDir, sandbox, limits: { outputBytes: 20e6 } });
    expect(outcome).toMatchObject({ code, details: expect.stringContaining(details) });
    expect(outcome.status).not.toBe('passed');
    expect(log.length).toBeLessThan(25e6);
  });

  it.each([
    ['does not come up', () => 'echo never && false', 9, 'was not able to start'],
    ['finds its port taken', () => 'sleep 100', undefined, 'is already used'],
    ['finds another port taken', listenOn, 9, 'was not able to start'],
  ])('when its server %s', async (_, command, known, message) => {
    await using server = createServer((_, response) => response.end('other')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const config = { webServer: { command: command(port), url: `http://127.0.0.1:${known ?? port}` } };
    await using suite = await small({ 'playwright.config.ts': `export default ${JSON.stringify(config)};` });
    const { outcome, entries } = await executed({ ...suite, bundle, installsDir, sandbox });
    const details = `Port ${port} is taken on the worker`;
    const taken = { code: 'port_taken', details: expect.stringContaining(details) };
    expect(outcome).toMatchObject({ status: 'failed', ...(command(0).includes('never') ? { code: null } : taken) });
    const said = expect.objectContaining({ message: expect.stringContaining(message) });
    expect(entries).toContainEqual({ type: 'error', error: said });
  });

  it('when its packages lack Playwright', async () => {
    await using suite = await small({
      'package.json': '{"name":"none"}',
      'package-lock.json': '{"name":"none","lockfileVersion":3,"packages":{"":{"name":"none"}}}',
    });
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox });
    expect(outcome).toMatchObject({
      status: 'failed',
      details: expect.stringContaining('add @playwright/test to its package.json'),
    });
  });

  it('at the timeout, even while its config is loaded', async () => {
    await using suite = await small({ 'playwright.config.ts': 'for (;;);' });
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox, timeoutMs: 8_000, graceMs: 0 });
    expect(outcome).toMatchObject({ code: 'run_timeout', details: expect.stringContaining('8 s') });
  });

  it.each([
    ['any other', null],
    [shutdownReason, 'worker_stopped'],
  ])('when it is stopped for the reason "%s", and keeps its results', async (reason, code) => {
    await using suite = await small({
      'a.spec.ts': spec(
        "test('one', () => {}); test('two', async () => { console.log('waiting'); await new Promise(() => {}); });",
      ),
    });
    const abort = new AbortController();
    const { outcome, entries } = await executed({
      ...suite,
      bundle,
      installsDir,
      sandbox,
      signal: abort.signal,
      onEntries: async (added) =>
        added.forEach((it) => it.type === 'log' && it.text.includes('waiting') && abort.abort(reason)),
    });
    expect(outcome).toMatchObject({ status: 'interrupted', code });
    expect(entries.findLast((it) => it.type === 'case')).toMatchObject({ index: 1, status: 'interrupted' });
  });

  it('when its entries cannot be stored', async () => {
    await using suite = await small({});
    const onEntries = async () => {
      throw new Error('the database is away');
    };
    await expect(executed({ ...suite, bundle, installsDir, sandbox, onEntries })).rejects.toThrow(
      'the database is away',
    );
  });
});

it('a suite runs although its videos cannot be recorded, and says so once', async () => {
  await using suite = await small({
    'playwright.config.ts': "export default { use: { video: 'on' } };",
    'a.spec.ts': spec("for (const n of [1, 2]) test('opens ' + n, ({ page }) => page.setContent('<h1>Hello</h1>'));"),
  });
  const { ffmpeg: _, ...browser } = findBrowser({})!;
  const { outcome, log, files } = await executed({ ...suite, bundle, installsDir, sandbox, browser });
  expect(outcome).toMatchObject({ status: 'passed', code: null });
  expect(
    log.match(/Videos are not recorded: the worker \S+ has no FFmpeg\. Run .* or set INSTALL_BROWSERS=ffmpeg\./g),
  ).toHaveLength(1);
  expect([...files.keys()]).toEqual(['report/index.html']);
});

it('a bundle that leads out, which the server would have refused, is not unpacked', async () => {
  const outside = path.join(installsDir, 'outside');
  const out = path.relative('/runlight/home/suite', outside);
  const { body } = await archiveOf([
    { name: outside, content: 'absolute' },
    { name: out, content: 'up' },
    { name: 'link', type: 'symlink', linkname: installsDir },
    { name: 'link/outside', content: 'by a link' },
  ]);
  const bundleFile = path.join(installsDir, 'bundle.tar.gz');
  await writeFile(bundleFile, body);
  for (const sandbox of sandboxes) {
    const { outcome } = await executed({ bundleFile, bundle, installsDir, sandbox });
    expect(outcome).toMatchObject({ code: 'install_failed', details: expect.stringContaining("contains '..'") });
    expect(existsSync(outside)).toBe(false);
  }
});

it('only regular files of the run are kept, whatever leads to others', async () => {
  const config = `import fs from 'node:fs';
    const at = (name) => process.env.RUNLIGHT_FILES + '/' + name;
    const say = (name, path) => {
      const entry = { type: 'artifact', file: name, kind: 'log', name, contentType: 'text/plain' };
      fs.writeSync(3, JSON.stringify({ type: 'file', file: name, path, name, entry }) + '\\n');
    };
    if (!process.env.TEST_WORKER_INDEX) {
      fs.writeFileSync(at('own.txt'), 'own');
      fs.symlinkSync('/etc/hostname', at('link.txt'));
      fs.symlinkSync('/etc', at('folder'));
      fs.mkdirSync(at('large'));
      fs.writeFileSync(at('large.txt'), 'x'.repeat(2e6));
      for (const name of ['own.txt', 'link.txt', 'folder/hostname', 'large', 'large.txt', 'gone.txt']) say(name, at(name));
      say('foreign', '/etc/hostname');
    }
    export default {};`;
  await using suite = await small({ 'playwright.config.ts': config });
  const { files, log } = await executed({ ...suite, bundle, installsDir, sandbox });
  expect(files.get('own.txt')?.length).toBe(3);
  expect(files.get('large.txt')?.length).toBe(2e6);
  for (const [name, why] of [
    ['link.txt', 'link'],
    ['folder/hostname', 'outside'],
    ['large', 'no regular file'],
    ['gone.txt', 'not there'],
    ['foreign', 'outside'],
  ] as const) {
    expect(files.has(name)).toBe(false);
    expect(log).toMatch(new RegExp(`${name} was not kept: .*${why}`));
  }
});
