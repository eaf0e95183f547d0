import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attacks, attempts, excesses } from '#server/testing/attacks.ts';
import { eventually } from '#server/testing/eventually.ts';
import { commandsWith } from '#server/testing/execute-scripts.ts';
import { writeSuite } from '#server/testing/executed-suite.ts';
import { freePort } from '#server/testing/free-port.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

/** A secret in the environment of this process. */
const secret = randomBytes(16).toString('hex');
const mark = `runlight-${process.pid}-left-by-an-install`;

/** The attacks that must fail wherever code of a suite runs. */
const tried = attempts.filter(({ isOwnVerdict }) => !isOwnVerdict);
const bodyOf = (attack: string) => [...attacks, ...excesses].find(({ name }) => name === attack)!.body;

let app: TestSystem;
let suite: Awaited<ReturnType<typeof playPush>>;
let files: Record<string, string>;
const outcomes: string[] = [];

beforeAll(async () => {
  process.env.RUNLIGHT_TEST_SECRET = secret;
  app = await testApp({ worker: true, limits: { processes: 60, diskBytes: 400_000_000 } });
  const other = path.join(app.dataDir, 'artifacts', 'other');
  await mkdir(other);
  await writeFile(path.join(other, 'secret.txt'), secret);
  files = await hostileSuite(await freePort());
  suite = await playPush(app, { suite: 'hostile', files });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  process.stdout.write(`\n  Hostile suites:\n${outcomes.map((line) => `  ${line}\n`).join('')}\n`);
});

/** Runs the suite with this config, while the run of a neighbour passes. */
async function run(what: string, config: string) {
  const { api, stream } = app.client;
  const { bundleId, suiteId } =
    config === 'playwright.config.ts' ? suite : await playPush(app, { suite: 'hostile', files, config });
  const { runId } = await api.suites.run.mutate({ suiteId, bundleId });
  const events = stream((api) => api.runs.onEvents, { runId });
  const { id } = await api.tests.create.mutate({ name: 'Neighbour', script: passing });
  const { runId: neighbourId } = await api.tests.run.mutate({ testId: id });
  await Promise.all([events.ended, stream((api) => api.runs.onStatus, { runId: neighbourId }).ended]);
  const [ended, neighbour] = await Promise.all([runId, neighbourId].map((id) => api.runs.byId.query({ runId: id })));
  outcomes.push(`${what}: ${ended!.status} ${ended!.errorCode ?? ''}, neighbour: ${neighbour!.status}`);
  expect(neighbour).toMatchObject({ status: 'passed' });
  const log = events.data.map((event) => (event.type === 'log' ? event.text : '')).join('');
  return { ...ended!, log };
}

/** Attempts as functions, for every place in which code of a suite runs. */
function attemptsModule({ url, dataDir, database }: TestSystem): string {
  const functions = tried.map(({ name, body }) => `${JSON.stringify(name)}: async () => { ${body} },`);
  return `
    const fs = require('node:fs');
    const net = require('node:net');
    const childProcess = require('node:child_process');
    const { expect } = require('@playwright/test');
    const api = ${JSON.stringify(url)};
    const dataDir = ${JSON.stringify(dataDir)};
    const socket = ${JSON.stringify(`${database.host}/.s.PGSQL.${database.port}`)};
    const connect = (to) => new Promise((resolve, reject) => net.connect(to).once('connect', resolve).once('error', reject));
    exports.attempts = { ${functions.join('\n')} };
    exports.tryAll = async (place, leftOut) => {
      const got = [];
      for (const [name, attempt] of Object.entries(exports.attempts))
        if (name !== leftOut) await attempt().then(() => got.push(name), () => {});
      console.log(place + ' got ' + JSON.stringify(got));
    };`;
}

/** Messages that a reporter of the suite could send to the worker. */
function forgedMessages({ dataDir }: TestSystem): object[] {
  const artifact = (file: string) => ({ type: 'artifact', file, kind: 'log', name: file, contentType: 'text/plain' });
  const foreign = [
    path.join(dataDir, 'artifacts/other/secret.txt'),
    '/etc/passwd',
    '/runlight/start.json',
    '/runlight/output/../../etc/passwd',
  ];
  const others = ['../other/secret.txt', '../../other/secret.txt', '/other/secret.txt'];
  return [
    ...foreign.map((from, index) => ({ file: `stolen-${index}.txt`, path: from })),
    ...others.map((file) => ({ file, path: '/runlight/home/suite/package.json' })),
  ]
    .map((message): object => ({ type: 'file', name: message.file, entry: artifact(message.file), ...message }))
    .concat({ type: 'entries', entries: others.map(artifact) });
}

async function hostileSuite(port: number): Promise<Record<string, string>> {
  const serve = `http.createServer((_, response) => response.end()).listen(${port}, '127.0.0.1')`;
  const webServer = (command: string) => JSON.stringify({ command, port, stdout: 'pipe' });
  const written = {
    'package.json': JSON.stringify({
      name: 'hostile',
      private: true,
      scripts: { postinstall: 'node postinstall.cjs' },
      devDependencies: { '@playwright/test': '1.65.1' },
    }),
    'attempts.cjs': attemptsModule(app),
    'postinstall.cjs': `
      require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${mark}'], { detached: true, stdio: 'inherit' }).unref();
      require('./attempts.cjs').tryAll('postinstall', 'writes into node_modules');`,
    'playwright.config.ts': `
      import fs from 'node:fs';
      const forged = ${JSON.stringify(forgedMessages(app))};
      if (process.env.RUNLIGHT_PIPE) fs.writeSync(3, forged.map((message) => JSON.stringify(message) + '\\n').join(''));
      export default { workers: 1, globalSetup: './setup.cjs', reporter: './reporter.cjs', webServer: ${webServer('node server.cjs')} };`,
    'setup.cjs': `module.exports = () => require('./attempts.cjs').tryAll('globalSetup');`,
    'server.cjs': `const http = require('node:http'); require('./attempts.cjs').tryAll('webServer').then(() => ${serve});`,
    'reporter.cjs': `module.exports = class { onEnd() { return require('./attempts.cjs').tryAll('reporter'); } };`,
    'a.spec.ts': `
      import { test } from '@playwright/test';
      import { attempts } from './attempts.cjs';
      for (const [name, attempt] of Object.entries(attempts)) test(name, attempt);`,
    'forks.config.ts': `export default { globalSetup: './forks.cjs' };`,
    'forks.cjs': `const childProcess = require('node:child_process'); module.exports = async () => { ${bodyOf('is a fork bomb')} };`,
    'fills.config.ts': `export default { webServer: ${webServer('node fills.cjs')} };`,
    'fills.cjs': `const fs = require('node:fs'); (async () => { ${bodyOf('fills the disk with files without a name')} })();`,
    'ends.config.ts': `export default { reporter: './ends.cjs' };`,
    'ends.cjs': `module.exports = class { onBegin() { require('node:fs').closeSync(3); process.exit(0); } };`,
  };
  const lock = 'npm install --package-lock-only --ignore-scripts --no-audit --no-fund';
  await using folder = await writeSuite(written, { prepare: [lock] });
  return { ...written, 'package-lock.json': await readFile(path.join(folder.dir, 'package-lock.json'), 'utf8') };
}

describe('a hostile suite that', () => {
  let hostile: Awaited<ReturnType<typeof run>>;
  let cases: Map<string, { status: string; errors: string }>;
  beforeAll(async () => {
    hostile = await run('code attacks everywhere', 'playwright.config.ts');
    const { items } = await app.client.api.runs.cases.query({ runId: hostile.id });
    const details = items.map(({ index }) => app.client.api.runs.case.query({ runId: hostile.id, index }));
    cases = new Map(
      (await Promise.all(details)).map((it) => [
        it.title,
        { status: it.status, errors: stripVTControlCharacters(it.errors.map(({ message }) => message).join('\n')) },
      ]),
    );
  });

  it.each(tried)('$name in a spec file', ({ name, details }) => {
    expect(cases.get(name)).toMatchObject({ status: 'failed', errors: expect.stringMatching(details) });
  });

  it.each(['postinstall', 'globalSetup', 'webServer', 'reporter'])('attacks in its %s gets nothing', (place) => {
    expect(hostile.log).toContain(`${place} got []`);
  });

  it('writes into the reporter’s pipe gets no foreign file, and changes none', async () => {
    expect(hostile).toMatchObject({ status: 'failed', total: tried.length, failed: tried.length });
    for (const name of [0, 1, 2, 3].map((index) => `stolen-${index}.txt`))
      expect(hostile.log).toMatch(new RegExp(`${name} was not kept: it (lies outside of the run|is not there)`));
    expect(hostile.artifacts.filter(({ name }) => /stolen|secret/.test(name))).toEqual([]);
    expect(await readFile(path.join(app.dataDir, 'artifacts/other/secret.txt'), 'utf8')).toBe(secret);
  });

  it('starts a process in its install finds it killed', () =>
    eventually(async () => expect(await commandsWith(mark)).toEqual([])));

  it('forks without end, fills the disk, or ends Playwright with its pipe closed, ends its own run alone', async () => {
    const [forks, fills, ends] = await Promise.all([
      run('globalSetup is a fork bomb', 'forks.config.ts'),
      run('webServer fills the disk', 'fills.config.ts'),
      run('reporter ends Playwright', 'ends.config.ts'),
    ]);
    expect(forks).toMatchObject({ status: 'error', errorCode: 'process_limit' });
    expect(fills).toMatchObject({ status: 'error', errorCode: 'disk_limit' });
    expect(ends).toMatchObject({ status: 'error', errorCode: expect.stringMatching(/runner_crashed|script_error/) });
  });
});
