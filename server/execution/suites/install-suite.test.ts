import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';
import { executed, npmBundle as bundle, writeSuite } from '#server/testing/executed-suite.ts';
import { localSuite, withLock } from '#server/testing/local-suite.ts';
import { temporaryDir } from '#server/testing/temporary-dir.ts';
import { installCommand } from './package-managers.ts';

const sandbox = bubblewrap({ users: process.getuid!() === 0 ? createRunUsers() : undefined });

let installsDir: string;
beforeEach(async () => void (installsDir = await mkdtemp(path.join(tmpdir(), 'runlight-installs-'))));
afterEach(() => rm(installsDir, { recursive: true }));

/** What there is of installs, complete or not. */
const left = async () => (await readdir(installsDir)).filter((name) => !name.endsWith('.lock'));

describe('an install that fails says why, and leaves nothing', () => {
  afterEach(async () => expect(await left()).toEqual([]));

  it('without a lock file', async () => {
    await using suite = await writeSuite(localSuite({}));
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox });
    expect(outcome).toMatchObject({
      code: 'install_failed',
      details: expect.stringContaining('no package-lock.json: commit'),
    });
  });

  it('with a lock file that does not fit', async () => {
    await using suite = await writeSuite(localSuite({}), {
      prepare: [
        ...withLock.prepare,
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
    await using suite = await writeSuite(localSuite({ postinstall: 'node own.cjs' }, { 'own.cjs': source }), withLock);
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox, ...options });
    expect(outcome).toMatchObject({ status: 'interrupted', code });
  });

  it('with a link where runs have a folder of their own', async () => {
    const scripts = { postinstall: "node -e \"fs.symlinkSync('/etc', 'node_modules/.cache')\"" };
    await using suite = await writeSuite(localSuite(scripts), withLock);
    const { outcome } = await executed({ ...suite, bundle, installsDir, sandbox });
    expect(outcome).toMatchObject({
      code: 'install_failed',
      details: 'The install has left no folder "node_modules/.cache".',
    });
  });
});

const modules = path.join(import.meta.dirname, '../../../node_modules');
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
    await using tools = await temporaryDir();
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

it('a worker without the package manager says so', () => {
  const suite = { isBerry: false, yarnPath: null };
  const options = { insideDir: '/runlight', hasNetwork: true, searchPath: '/nonexistent', corepackDir: '/nonexistent' };
  expect(() => installCommand('pnpm', suite, options)).toThrow('This worker has no pnpm: install it there');
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
