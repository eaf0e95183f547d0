import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';
import { eventually } from '#server/testing/eventually.ts';
import { installCommand } from './package-managers.ts';
import { executed, npmBundle as bundle, writeSuite } from '#server/testing/executed-suite.ts';

const sandbox = bubblewrap({ users: process.getuid!() === 0 ? createRunUsers() : undefined });

let installsDir: string;
beforeEach(async () => void (installsDir = await mkdtemp(path.join(tmpdir(), 'runlight-installs-'))));
afterEach(() => rm(installsDir, { recursive: true }));

/** In an install: a folder of the suite that pnpm has copied. */
const copied = 'folders/node_modules/small/index.js';

/** What there is of installs, complete or not. */
const left = async () => (await readdir(installsDir)).filter((name) => !name.endsWith('.lock'));

/** A suite of packages that need no registry. */
const local = (scripts: object, more: Record<string, string> = {}) => ({
  'package.json': JSON.stringify({
    name: 'local',
    version: '1.0.0',
    private: true,
    scripts,
    dependencies: { small: 'file:./small' },
  }),
  'small/package.json': JSON.stringify({ name: 'small', version: '1.0.0' }),
  'playwright.config.ts': '',
  ...more,
});
const lock = { prepare: ['npm install --package-lock-only --ignore-scripts --no-audit --no-fund'] };

describe('an install that fails says why, and leaves nothing', () => {
  afterEach(async () => expect(await left()).toEqual([]));

  it('without a lock file', async () => {
    await using suite = await writeSuite(local({}));
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox });
    expect(outcome).toMatchObject({
      code: 'install_failed',
      details: expect.stringContaining('no package-lock.json: commit'),
    });
  });

  it('with a lock file that does not fit', async () => {
    await using suite = await writeSuite(local({}), {
      prepare: [
        ...lock.prepare,
        `node -e "fs.writeFileSync('package.json', JSON.stringify({ dependencies: { other: 'file:./small' } }))"`,
      ],
    });
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox });
    expect(outcome).toMatchObject({
      code: 'install_failed',
      details: expect.stringMatching(/does not fit package.json: .* commit package-lock.json/),
    });
  });

  it.each([
    [
      'names the variable that is missing',
      {},
      'NPM_TOKEN, to which .npmrc or .yarnrc.yml refers, is no variable of the project',
    ],
    ['says to check one that is there', { NPM_TOKEN: 'not-the-right-one' }, 'check the token in NPM_TOKEN'],
  ])('from a registry that refuses a package: %s', async (_, values, why) => {
    await using registry = await startRegistry();
    await using suite = await writeSuite({
      'package.json': JSON.stringify({ dependencies: { '@acme/own': '1.0.0' } }),
      'package-lock.json': JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { dependencies: { '@acme/own': '1.0.0' } },
          'node_modules/@acme/own': { version: '1.0.0', resolved: `${registry.url}/own.tgz`, integrity: 'sha512-AA==' },
        },
      }),
      '.npmrc': `@acme:registry=${registry.url}\n${registry.url.slice(5)}/:_authToken=\${NPM_TOKEN}\n`,
      'playwright.config.ts': '',
    });
    const variables = { values: values as Record<string, string>, secrets: Object.values(values) };
    const { outcome, log } = await executed({ ...suite, bundle, installsDir, sandbox, variables });
    expect(outcome).toMatchObject({ code: 'install_failed', details: expect.stringContaining(why) });
    expect(JSON.stringify(outcome) + log).not.toContain('not-the-right-one');
    expect(registry.tokens).toContain(!('NPM_TOKEN' in values) ? 'Bearer ${NPM_TOKEN}' : 'Bearer not-the-right-one');
  });

  it('without a network', async () => {
    await using suite = await writeSuite({
      'package.json': JSON.stringify({ dependencies: { own: '1.0.0' } }),
      'package-lock.json': JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { dependencies: { own: '1.0.0' } },
          'node_modules/own': { version: '1.0.0', resolved: 'http://127.0.0.1:9/own.tgz' },
        },
      }),
      'playwright.config.ts': '',
    });
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox: bubblewrap({ network: 'none' }) });
    expect(outcome).toMatchObject({ code: 'install_failed', details: expect.stringContaining('SANDBOX_NETWORK=none') });
  });

  it.each([
    ['loops', 'for (;;);', { timeoutMs: 8_000 }, 'run_timeout'],
    [
      'forks',
      "for (;;) require('child_process').spawn('sleep', ['1000'])",
      { limits: { processes: 60 } },
      'process_limit',
    ],
  ])('with a script that %s', async (_, source, options, code) => {
    await using suite = await writeSuite(local({ postinstall: 'node own.cjs' }, { 'own.cjs': source }), lock);
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox, ...options });
    expect(outcome).toMatchObject({ status: 'interrupted', code });
  });

  it('with a link where runs have a folder of their own', async () => {
    const scripts = { postinstall: "node -e \"fs.symlinkSync('/etc', 'node_modules/.cache')\"" };
    await using suite = await writeSuite(local(scripts), lock);
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox });
    expect(outcome).toMatchObject({
      code: 'install_failed',
      details: 'The install has left no folder "node_modules/.cache".',
    });
  });
});

const modules = path.join(import.meta.dirname, '../../../node_modules');
const pnpm = `node ${modules}/pnpm/bin/pnpm.cjs install`;
const yarn1 = `node ${modules}/yarn/bin/yarn.js install --non-interactive`;
// In a CI, Yarn 4 would make no lock file.
const yarn4 = `mkdir -p .yarn/releases && cp ${modules}/@yarnpkg/cli-dist/bin/yarn.js .yarn/releases/yarn.cjs && YARN_ENABLE_IMMUTABLE_INSTALLS=false node .yarn/releases/yarn.cjs install`;
const yarnrc = 'nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn.cjs\nenableGlobalCache: true\n';

it.each([
  ['yarn', 'yarn.lock', '1.0.0', yarn1, {}],
  ['yarn', 'yarn.lock', 'workspace:*', yarn4, { '.yarnrc.yml': yarnrc }],
] as const)(
  'a workspace of %s with %s and %s has the results of npx playwright test',
  async (packageManager, lockFile, lib, install, more) => {
    await using tools = await mkdtempDisposable();
    await symlink(path.join(modules, 'yarn/bin/yarn.js'), path.join(tools.dir, 'yarn'));
    const files = {
      'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['packages/*'] }),
      'packages/lib/package.json': JSON.stringify({ name: 'lib', version: '1.0.0', main: 'index.js' }),
      'packages/lib/index.js': "exports.greet = () => 'hello';",
      'packages/e2e/package.json': JSON.stringify({
        name: 'e2e',
        version: '1.0.0',
        type: 'module',
        dependencies: { lib },
        devDependencies: { '@playwright/test': '1.65.1', zod: '4.6.0' },
      }),
      'packages/e2e/playwright.config.ts':
        "import { defineConfig } from '@playwright/test';\nexport default defineConfig({ testDir: 'tests' });",
      'packages/e2e/tests/a.spec.ts': `import { test, expect } from '@playwright/test';
      import { greet } from 'lib';
      import { z } from 'zod';
      test('is parsed', () => expect(z.string().parse(greet())).toBe('hello'));
      test.skip('is skipped', () => {});`,
      ...more,
    };
    await using suite = await writeSuite(files, { prepare: [install] });
    const inPackage = { ...bundle, dir: 'packages/e2e', packageManager, lockFile };
    const run = await executed({ ...suite, bundle: inPackage, installsDir, sandbox, toolsPath: tools.dir });
    expect(run.outcome).toMatchObject({ status: 'passed', code: null, details: null });
    expect({ counts: run.counts, code: 0 }).toEqual(await suite.runHere('packages/e2e/playwright.config.ts'));
  },
);

async function mkdtempDisposable() {
  const dir = await mkdtemp(path.join(tmpdir(), 'runlight-tools-'));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

it('a worker without the package manager says so', () => {
  const suite = { isBerry: false, yarnPath: null };
  const options = { insideDir: '/runlight', hasNetwork: true, searchPath: '/nonexistent', corepackDir: '/nonexistent' };
  expect(() => installCommand('pnpm', suite, options)).toThrow('This worker has no pnpm: install it there');
});

describe('the cache', () => {
  it('has what scripts of the suite have made, for exactly this bundle', async () => {
    const scripts = {
      postinstall: "node -e \"fs.mkdirSync('made'); fs.writeFileSync('made/file', fs.readFileSync('source'))\"",
    };
    const config = {
      'playwright.config.ts':
        "import fs from 'node:fs'; console.log('made ' + fs.readFileSync('made/file')); export default {};",
    };
    for (const [hash, source, how] of [
      ['1', 'one', 'Installed'],
      ['1', 'one', 'from the cache'],
      ['2', 'two', 'Installed'],
    ] as const) {
      await using suite = await writeSuite(local(scripts, { ...config, source }), lock);
      const { log } = await executed({ ...suite, bundle: { ...bundle, hash }, installsDir, sandbox });
      expect(log).toContain(how);
    }
    expect(await left()).toHaveLength(2);
  });

  it('has folders that the package manager copies as they are in this bundle', async () => {
    await using tools = await mkdtempDisposable();
    await symlink(path.join(modules, 'pnpm/bin/pnpm.cjs'), path.join(tools.dir, 'pnpm'));
    for (const hash of ['1', '2']) {
      const files = local(
        {},
        {
          'small/index.js': `module.exports = 'copied ${hash}';`,
          'playwright.config.ts': "console.log(require('small')); export default {};",
        },
      );
      await using suite = await writeSuite(files, { prepare: [pnpm] });
      const ofPnpm = { ...bundle, hash, packageManager: 'pnpm', lockFile: 'pnpm-lock.yaml' } as const;
      const { outcome } = await executed({ ...suite, bundle: ofPnpm, installsDir, sandbox, toolsPath: tools.dir });
      // Playwright is not among the packages.
      expect(outcome.code).toBe('script_error');
    }
    const contents = await Promise.all(
      (await left()).map((key) => readFile(path.join(installsDir, key, copied), 'utf8')),
    );
    expect(contents.sort()).toEqual(["module.exports = 'copied 1';", "module.exports = 'copied 2';"]);
  });

  it('removes what was used longest ago, and nothing that is used', async () => {
    const names = [];
    for (const name of ['a', 'b', 'c']) {
      await using suite = await writeSuite(
        local({}, { 'small/package.json': JSON.stringify({ name: 'small', version: '1.0.0', description: name }) }),
        lock,
      );
      await executed({ ...suite, bundle, installsDir, sandbox, installsBytes: name === 'c' ? 1 : 1e9 });
      names.push(await left());
    }
    expect(names.map((it) => it.length)).toEqual([1, 2, 1]);
    expect(names[1]).not.toContain(names[2]![0]);
  });

  it('installs once for runs of several processes at once, also after one of them was killed in the middle', async () => {
    const scripts = { postinstall: 'node own.cjs' };
    // The first install waits until its worker is killed.
    const own =
      "const http = require('http'); http.get(process.env.GATE, (answer) => answer.statusCode === 200 ? answer.resume() : process.exit(1));";
    await using gate = await startGate();
    await using suite = await writeSuite(local(scripts, { 'own.cjs': own }), lock);
    const start = () => {
      const program = `
        import { executed } from '#server/testing/executed-suite.ts';
        import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';
        const run = await executed({ bundleFile: ${JSON.stringify(suite.bundleFile)}, bundle: ${JSON.stringify(bundle)}, installsDir: ${JSON.stringify(installsDir)},
          sandbox: bubblewrap(), variables: { values: { GATE: ${JSON.stringify(gate.url)} }, secrets: [] } });
        console.log(run.log);`;
      const child = spawn(
        process.execPath,
        ['--conditions=runlight-source', '--import=tsx', '--input-type=module', '-e', program],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      return { child, output: text(child.stdout) };
    };
    const killed = start();
    await eventually(() => expect(gate.requests()).toBe(1));
    const others = [start(), start()];
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    await eventually(() => expect(gate.requests()).toBe(2), { withinMs: 60_000 });
    gate.open();
    const outputs = await Promise.all(others.map(({ output }) => output));
    expect(outputs.map((output) => output.includes('from the cache')).sort()).toEqual([false, true]);
    expect(gate.requests()).toBe(2);
    expect(await left()).toHaveLength(1);
  });
});

async function startRegistry() {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    response.writeHead(401).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, tokens, [Symbol.asyncDispose]: async () => void server.close() };
}

/** Answers nobody until it is opened. */
async function startGate() {
  let requests = 0;
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const server = createServer((_, response) => {
    requests += 1;
    void opened.then(() => response.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
