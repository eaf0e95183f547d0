import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { script } from '#server/testing/execute-scripts.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

/** What only this process knows. */
const secret = randomBytes(16).toString('hex');

interface Attack {
  name: string;
  /** Statements of a test that passes if it gets what it wants. Runs with `fs`, `net`, `childProcess` and `dataDir`. */
  body: string;
  status: string;
  errorCode: string | null;
  details: RegExp;
}

const reading: Attack[] = [
  ['reads /etc/shadow', `fs.readFileSync('/etc/shadow');`],
  ['reads DATA_DIR', `fs.readdirSync(dataDir);`],
  ['reads the artifacts of another run', `fs.readFileSync(dataDir + '/artifacts/other/secret.txt');`],
  ['connects to the embedded database', `await connect(socket);`],
].map(([name, body]) => ({ name: name!, body: body!, status: 'failed', errorCode: null, details: /ENOENT/ }));

const attacks: Attack[] = [
  ...reading,
  {
    name: 'finds the folder of another run',
    body: `const dirs = ['/tmp', '/var/tmp', '/runlight', '/'].flatMap((dir) => fs.existsSync(dir) ? fs.readdirSync(dir) : []);
      expect(dirs.filter((name) => name.startsWith('runlight-run-'))).not.toEqual([]);`,
    status: 'failed',
    errorCode: null,
    details: /not\.toEqual/,
  },
  {
    name: 'reads /proc/1/environ and that of every process',
    body: `const pids = fs.readdirSync('/proc').filter((name) => Number(name) > 0);
      const all = pids.map((pid) => { try { return fs.readFileSync('/proc/' + pid + '/environ', 'latin1'); } catch { return ''; } });
      expect(pids).toContain('1');
      expect(all.some((text) => text.includes('RUNLIGHT_TEST_' + 'SECRET'))).toBe(true);`,
    status: 'failed',
    errorCode: null,
    details: /toBe/,
  },
  {
    name: 'finds secrets in its environment',
    body: `expect(Object.keys(process.env).filter((key) => /SECRET|DATABASE|REDIS|PASSWORD/.test(key))).not.toEqual([]);`,
    status: 'failed',
    errorCode: null,
    details: /not\.toEqual/,
  },
  {
    name: 'writes into node_modules',
    body: `fs.appendFileSync(require.resolve('@playwright/test'), 'owned');`,
    status: 'failed',
    errorCode: null,
    details: /EROFS/,
  },
  {
    name: 'writes beside its own folder',
    body: `for (const file of ['/owned', '/dev/owned', '/run/owned', '/etc/owned']) {
        try { fs.writeFileSync(file, ''); } catch (error) { expect(error.code).not.toBe('EROFS'); }
      }`,
    status: 'failed',
    errorCode: null,
    details: /EROFS/,
  },
  {
    name: 'kills the worker',
    body: `process.kill(${process.pid}, 'SIGKILL');`,
    status: 'failed',
    errorCode: null,
    details: /ESRCH/,
  },
  {
    name: 'kills everything that it can',
    body: `process.kill(-1, 'SIGKILL'); await new Promise(() => {});`,
    status: 'error',
    errorCode: 'runner_crashed',
    details: /without a verdict/,
  },
  {
    name: 'debugs the process that judges it',
    body: `process.kill(process.ppid, 'SIGUSR1');
      for (let i = 0; i < 20; i++) {
        try { await connect({ host: '127.0.0.1', port: 9229 }); return; } catch { await new Promise((resolve) => setTimeout(resolve, 50)); }
      }
      await connect({ host: '127.0.0.1', port: 9229 });`,
    status: 'failed',
    errorCode: null,
    details: /ECONNREFUSED/,
  },
  ...[
    {
      name: 'forges messages of Playwright',
      send: 'process.send(message)',
      status: 'failed',
      errorCode: null,
      details: /toBe/,
    },
    {
      name: 'forges messages on every channel that it finds',
      send: "for (let fd = 3; fd < 60; fd++) try { fs.writeSync(fd, JSON.stringify(message) + '\\n'); } catch {}",
      status: 'error',
      errorCode: 'forged_report',
      details: /wrote into the channel/,
    },
  ].map(({ send, ...attack }) => ({
    ...attack,
    body: `const said = { duration: 1, status: 'passed', errors: [], annotations: [], expectedStatus: 'passed', timeout: 0 };
      const message = { method: '__dispatch__', params: { method: 'testEnd', params: { testId: test.info().testId, ...said } } };
      ${send};
      expect(1).toBe(2);`,
  })),
  {
    // As fast as one process can: one that doubles itself would, for root, whom the kernel does not limit, leave no process for
    // whoever else uses the machine of the tests.
    name: 'starts processes without end',
    body: `for (;;) {
        childProcess.spawn('/bin/sleep', ['60'], { detached: true });
        await new Promise(setImmediate);
      }`,
    status: 'error',
    errorCode: 'process_limit',
    details: /more than 60 processes/,
  },
  {
    name: 'writes a file of 10 GB',
    body: `const file = fs.openSync('/tmp/big', 'w');
      for (let i = 0; i < 640; i++) fs.writeSync(file, Buffer.alloc(16_000_000, 1));`,
    status: 'failed',
    errorCode: 'file_size_limit',
    details: /EFBIG[\s\S]*at most 100 MB/,
  },
  {
    name: 'fills the disk with many files',
    body: `for (let i = 0; i < 1_000; i++) {
        fs.writeFileSync('/tmp/' + i, Buffer.alloc(16_000_000, 1));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }`,
    status: 'error',
    errorCode: 'disk_limit',
    details: /more than 300 MB/,
  },
  {
    name: 'fills the disk with files without a name',
    body: `for (let i = 0; i < 1_000; i++) {
        const file = fs.openSync('/dev/shm/x', 'w');
        fs.unlinkSync('/dev/shm/x');
        fs.writeSync(file, Buffer.alloc(16_000_000, 1));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }`,
    status: 'error',
    errorCode: 'disk_limit',
    details: /more than 300 MB/,
  },
  {
    name: 'takes 8 GB of memory',
    body: `const all = []; for (let i = 0; i < 128; i++) all.push(Buffer.alloc(64_000_000, 1)); console.log(all.length);`,
    status: 'error',
    errorCode: 'memory_limit',
    details: /more than 600 MB of memory/,
  },
  {
    name: 'opens all files that it can',
    body: `for (let i = 0; i < 100_000; i++) fs.openSync('/dev/null', 'r');`,
    status: 'failed',
    errorCode: 'open_files_limit',
    details: /EMFILE[\s\S]*at most 500 open files/,
  },
  {
    name: 'loops for ever',
    body: `while (true) {}`,
    status: 'error',
    errorCode: 'cpu_limit',
    details: /more than 8 s of processor time/,
  },
  {
    name: 'prints 1 GB',
    body: `for (let i = 0; i < 1_000; i++) {
        process.stdout.write('x'.repeat(1_000_000));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }`,
    status: 'error',
    errorCode: 'output_limit',
    details: /printed more than 20 MB/,
  },
  {
    name: 'attaches links, pipes and files of others',
    body: `const info = test.info();
      fs.mkdirSync(info.outputDir, { recursive: true });
      fs.symlinkSync(dataDir + '/artifacts/other/secret.txt', info.outputPath('link.txt'));
      childProcess.execFileSync('mkfifo', [info.outputPath('fifo.txt')]);
      for (const name of ['link.txt', 'fifo.txt', '../../../../../etc/passwd', '../../../run.json'])
        info.attachments.push({ name, path: info.outputDir + '/' + name, contentType: 'text/plain' });`,
    // Getting nothing for it is its failure: see below.
    status: 'passed',
    errorCode: null,
    details: /^$/,
  },
  {
    name: 'attaches a file without end, and fails',
    body: `test.info().attachments.push({ name: 'zero', path: '/dev/zero', contentType: 'text/plain' }); expect(1).toBe(2);`,
    status: 'error',
    errorCode: 'memory_limit',
    details: /more than 600 MB of memory/,
  },
];

let app: TestSystem;
const outcomes: { attack: string; outcome: string; neighbour: string }[] = [];

beforeAll(async () => {
  process.env.RUNLIGHT_TEST_SECRET = secret;
  app = await testApp({
    worker: true,
    limits: {
      memoryBytes: 600_000_000,
      processes: 60,
      cpuSeconds: 8,
      diskBytes: 300_000_000,
      fileBytes: 100_000_000,
      openFiles: 500,
      outputBytes: 20_000_000,
    },
  });
  const other = path.join(app.dataDir, 'artifacts', 'other');
  await mkdir(other);
  await writeFile(path.join(other, 'secret.txt'), secret);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  const width = Math.max(...outcomes.map(({ attack }) => attack.length));
  const lines = outcomes.map(
    ({ attack, outcome, neighbour }) => `  ${attack.padEnd(width)}  ${outcome.padEnd(26)}  ${neighbour}`,
  );
  process.stdout.write(
    `\n  ${'A script that …'.padEnd(width)}  ${'ends as'.padEnd(26)}  neighbour\n${lines.join('\n')}\n  ${outcomes.length} attacks\n\n`,
  );
});

async function run(name: string, text: string) {
  const { api, onRunStatus } = app.client;
  const { id } = await api.tests.create.mutate({ name, script: text });
  const started = await api.tests.run.mutate({ testId: id });
  const status = onRunStatus(started);
  return { ...started, ended: status.ended };
}

it('says what keeps scripts in their place', async () => {
  expect(await (await fetch(`${app.url}/readyz`)).json()).toMatchObject({
    containment: { sandbox: 'bubblewrap', limits: ['prlimit', 'supervisor'] },
  });
});

describe('a script that', () => {
  it.each(attacks)('$name', async ({ name, body, status, errorCode, details }) => {
    const attack = script(`
      import fs from 'node:fs';
      import net from 'node:net';
      import childProcess from 'node:child_process';
      const dataDir = ${JSON.stringify(app.dataDir)};
      const socket = ${JSON.stringify(`${app.serviceOptions.database.host}/.s.PGSQL.${app.serviceOptions.database.port}`)};
      const connect = (to) => new Promise((resolve, reject) => net.connect(to).once('connect', resolve).once('error', reject));
      test('attacks', async () => { test.setTimeout(0); ${body} });`);
    const [bad, good] = await Promise.all([run(name, attack), run('Neighbour', passing)]);
    await Promise.all([bad.ended, good.ended]);
    const [outcome, neighbour] = await Promise.all(
      [bad, good].map(({ runId }) => app.client.api.runs.byId.query({ runId })),
    );
    outcomes.push({
      attack: name,
      outcome: [outcome!.status, outcome!.errorCode].filter(Boolean).join(': '),
      neighbour: neighbour!.status,
    });
    expect(neighbour).toMatchObject({ status: 'passed' });
    expect(outcome).toMatchObject({ status, errorCode });
    expect(outcome!.errorDetails ?? '').toMatch(details);
    for (const artifact of outcome!.artifacts) {
      const text = await (await fetch(app.url + artifact.path, { headers: app.headers })).text();
      expect(text).not.toContain(secret);
      expect(artifact.name).not.toMatch(/link|zero|fifo|passwd|run\.json/);
    }
  });
});
