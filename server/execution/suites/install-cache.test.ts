import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';
import { eventually } from '#server/testing/eventually.ts';
import { executed, npmBundle as bundle, writeSuite } from '#server/testing/executed-suite.ts';
import { localSuite, withLock } from '#server/testing/local-suite.ts';
import { temporaryDir } from '#server/testing/temporary-dir.ts';
import { InstallCache } from './install-cache.ts';

const sandbox = bubblewrap({ users: process.getuid!() === 0 ? createRunUsers() : undefined });

let installsDir: string;
beforeEach(async () => void (installsDir = await mkdtemp(path.join(tmpdir(), 'runlight-installs-'))));
afterEach(() => rm(installsDir, { recursive: true }));

/** In an install: a folder of the suite that pnpm has copied. */
const copied = 'folders/node_modules/small/index.js';

/** Names of all installs in the cache, complete or not. */
const left = async () => (await readdir(installsDir)).filter((name) => !name.endsWith('.lock'));

const modules = path.join(import.meta.dirname, '../../../node_modules');
const pnpm = `node ${modules}/pnpm/bin/pnpm.cjs install`;

it('the cache has what scripts of the suite have made, for exactly this bundle', async () => {
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
    await using suite = await writeSuite(localSuite(scripts, { ...config, source }), withLock);
    const { log } = await executed({ ...suite, bundle: { ...bundle, hash }, installsDir, sandbox });
    expect(log).toContain(how);
  }
  expect(await left()).toHaveLength(2);
});

it('the cache has folders that the package manager copies as they are in this bundle', async () => {
  await using tools = await temporaryDir();
  await symlink(path.join(modules, 'pnpm/bin/pnpm.cjs'), path.join(tools.dir, 'pnpm'));
  for (const hash of ['1', '2']) {
    const files = localSuite(
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

it('the cache removes what was used longest ago, and nothing that is used', async () => {
  const names = [];
  for (const name of ['a', 'b', 'c']) {
    await using suite = await writeSuite(
      localSuite({}, { 'small/package.json': JSON.stringify({ name: 'small', version: '1.0.0', description: name }) }),
      withLock,
    );
    await executed({ ...suite, bundle, installsDir, sandbox, installsBytes: name === 'c' ? 1 : 1e9 });
    names.push(await left());
  }
  expect(names.map((it) => it.length)).toEqual([1, 2, 1]);
  expect(names[1]).not.toContain(names[2]![0]);
});

it('the cache makes an entry again after its description was lost', async () => {
  const cache = new InstallCache(installsDir, 1e9);
  let made = 0;
  const hold = () =>
    cache.hold('ab', new AbortController().signal, async (dir) => {
      made += 1;
      await writeFile(path.join(dir, 'folders/version'), String(made));
      return { folders: [], packages: 0, bytes: 1 };
    });
  // A power failure leaves such files, and another program may have changed one.
  for (const content of ['', '{', '{"folders":[]}']) {
    (await hold())[Symbol.dispose]();
    await writeFile(path.join(installsDir, 'ab/install.json'), content);
  }
  (await hold())[Symbol.dispose]();
  await rm(path.join(installsDir, 'ab/install.json'));
  using held = await hold();
  expect(await readFile(path.join(held.dir, 'folders/version'), 'utf8')).toBe('5');
  expect(await left()).toEqual(['ab']);
});

it('the cache installs once for runs of several processes at once, also after one of them was killed in the middle', async () => {
  const scripts = { postinstall: 'node own.cjs' };
  // The first install waits until its worker is killed.
  const own =
    "const http = require('http'); http.get(process.env.GATE, (answer) => answer.statusCode === 200 ? answer.resume() : process.exit(1));";
  await using gate = await startGate();
  await using suite = await writeSuite(localSuite(scripts, { 'own.cjs': own }), withLock);
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

/** A server that holds all answers until it is opened. */
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
