import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { commandsWith, executeScripts, script } from '#server/testing/execute-scripts.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap, noSandbox, separateUser } from '#server/execution/sandbox/sandbox.ts';

// Only root has users to give.
const isRoot = process.getuid!() === 0;
const users = isRoot ? createRunUsers() : undefined;
const bubblewraps = [bubblewrap(), ...(users ? [bubblewrap({ users })] : [])];

describe.each([noSandbox, ...bubblewraps])('in sandbox "$kind", with the user "$user"', (sandbox) => {
  it('a script finds an environment built from nothing and no package but Playwright, and nothing that it starts outlives the run', async () => {
    const mark = `runlight-${process.pid}-${sandbox.kind}-${sandbox.user}`;
    const curious = script(`
      import { spawn } from 'node:child_process';
      test('looks around', () => {
        console.log(JSON.stringify(Object.keys(process.env)));
        console.log(process.env.RUNLIGHT_URL);
        for (const name of ['pg', 'kysely', 'vitest']) expect(() => require(name)).toThrow('Cannot find module');
      });
      test('leaves a daemon', async () => {
        // It keeps the pipes of the run open, and has a session of its own.
        const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${mark}'], { detached: true, stdio: 'inherit' });
        child.unref();
        await new Promise((resolve) => child.once('spawn', resolve));
        console.log('started ' + (child.pid !== undefined));
      });`);
    await using run = await executeScripts(
      { Curious: curious },
      { sandbox, env: { RUNLIGHT_URL: 'http://127.0.0.1:1' } },
    );
    expect(run.outcome).toMatchObject({ status: 'passed' });
    const [keys, url, started] = run.output.split('\n');
    expect([url, started]).toEqual(['http://127.0.0.1:1', 'started true']);
    // What Playwright and the shell add themselves.
    const added = /^(PLAYWRIGHT_TEST|TEST_(WORKER|PARALLEL)_INDEX|BROWSERSLIST_IGNORE_OLD_DATA|DEBUG_COLORS|PWD)$/;
    const given = (JSON.parse(keys!) as string[]).filter((key) => !added.test(key)).sort();
    expect(given).toEqual(
      ['FORCE_COLOR', 'HOME', 'LANG', 'NODE_OPTIONS', 'PATH', 'RUNLIGHT_RUN_ID', 'RUNLIGHT_URL', 'TMPDIR', 'TZ'].sort(),
    );
    await eventually(async () => expect(await commandsWith(mark)).toEqual([]));
  });

  it('a run dies with the worker, however that dies', async () => {
    const mark = `runlight-${process.pid}-${sandbox.kind}-${sandbox.user}-orphan`;
    const waits = script(`
      test('waits', async ({ page }) => {
        await page.goto('data:text/html,<title>${mark}</title>');
        require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${mark}']);
        console.log('waiting');
        await new Promise(() => {});
      });`);
    const program = `
      import { executeScripts } from '#server/testing/execute-scripts.ts';
      import { bubblewrap, noSandbox } from '#server/execution/sandbox/sandbox.ts';
      import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
      const users = ${sandbox.user === 'own'} ? createRunUsers() : undefined;
      const sandbox = ${sandbox.kind === 'none'} ? noSandbox : bubblewrap({ users });
      const onEvent = (event) => event.type === 'log' && console.log(event.text);
      await executeScripts({ Waits: ${JSON.stringify(waits)} }, { sandbox, onEvent });`;
    const scratchDir = await mkdtemp(path.join(tmpdir(), 'runlight-orphan-'));
    const args = ['--conditions=runlight-source', '--import=tsx', '--input-type=module', '-e', program];
    const worker = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', TMPDIR: scratchDir },
    });
    try {
      const failed = once(worker, 'exit').then(() => ['the worker has ended']);
      const [said] = await Promise.race([once(worker.stdout, 'data'), failed]);
      expect(String(said)).toContain('waiting');
      expect(await commandsWith(mark)).not.toEqual([]);
    } finally {
      worker.kill('SIGKILL');
    }
    // The browser names its profile, which lies there, on its command line.
    for (const text of [mark, scratchDir]) await eventually(async () => expect(await commandsWith(text)).toEqual([]));
    await rm(scratchDir, { recursive: true });
  });
});

describe.each(bubblewraps)('in bubblewrap, with the user "$user"', (sandbox) => {
  it('a script sees no file of the machine beyond programs and libraries, and writes nowhere else', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-data-'));
    const secret = path.join(dataDir, 'secret');
    await writeFile(secret, 'secret');
    const thief = script(`
      import fs from 'node:fs';
      const fault = (action) => { try { action(); return 'possible'; } catch (error) { return error.code; } };
      test('steals', () => {
        const hidden = ${JSON.stringify([secret, path.resolve('package.json'), '/var', '/etc/shadow'])};
        for (const file of hidden) console.log(file, fault(() => fs.statSync(file)));
        for (const dir of ['/root', '/home']) console.log(dir, fs.existsSync(dir) ? fs.readdirSync(dir).join() : 'nothing');
        const readOnly = [__filename, '/usr/bin/new', __dirname + '/../main.cjs'];
        for (const file of readOnly) console.log('write', fault(() => fs.writeFileSync(file, '')));
        console.log('processes ' + (fs.readdirSync('/proc').filter((name) => Number(name) > 0).length < 10));
        console.log('rights ' + /CapEff:\\s*0+\\n/.test(fs.readFileSync('/proc/self/status', 'utf8')));
      });`);
    try {
      await using run = await executeScripts({ Thief: thief }, { sandbox });
      expect(run.outcome).toMatchObject({ status: 'passed' });
      expect(run.output.trim().split('\n')).toEqual([
        `${secret} ENOENT`,
        `${path.resolve('package.json')} ENOENT`,
        '/var ENOENT',
        '/etc/shadow ENOENT',
        ...['/root', '/home'].map((dir) => `${dir} ${namesOfProgramsIn(dir)}`),
        'write EROFS',
        'write EROFS',
        'write EROFS',
        'processes true',
        'rights true',
      ]);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});

describe.each([undefined, ...(users ? [users] : [])])('in bubblewrap, without a network', (users) => {
  it('a script reaches what it starts itself, with a browser, and nothing else', async () => {
    await using outside = createServer((socket) => socket.end('reached')).listen(0, '127.0.0.1');
    await once(outside, 'listening');
    const { port } = outside.address() as AddressInfo;
    const connects = script(`
      import { once } from 'node:events';
      import http from 'node:http';
      import net from 'node:net';
      import os from 'node:os';
      test('connects', async ({ page }) => {
        const server = http.createServer((_, response) => response.end('own')).listen(0, '127.0.0.1');
        await once(server, 'listening');
        await page.goto('http://127.0.0.1:' + server.address().port);
        expect(await page.locator('body').textContent()).toBe('own');
        console.log(Object.keys(os.networkInterfaces()).join());
        await expect(once(net.connect(${port}, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
        await expect(once(net.connect(80, '192.0.2.1'), 'connect')).rejects.toThrow('ENETUNREACH');
        server.close();
      });`);
    await using run = await executeScripts({ Connects: connects }, { sandbox: bubblewrap({ users, network: 'none' }) });
    expect(run.outcome).toMatchObject({ status: 'passed' });
    expect(run.output).toBe('lo\n');
  });
});

describe.runIf(isRoot)('with a user of its own', () => {
  const sandbox = separateUser(createRunUsers());

  it('a script neither reads nor signals what is not its own, and drives a browser', async () => {
    const thief = script(`
      import fs from 'node:fs';
      const fault = (action) => { try { action(); return 'possible'; } catch (error) { return error.code; } };
      test('steals', async ({ page }) => {
        console.log(fault(() => fs.readFileSync('/etc/shadow')));
        console.log(fault(() => fs.readFileSync('/proc/${process.pid}/environ')));
        console.log(fault(() => fs.writeFileSync(__filename, '')));
        console.log(fault(() => process.kill(${process.pid}, 0)));
        await page.setContent('<h1>hello</h1>');
        expect(await page.locator('h1').textContent()).toBe('hello');
      });`);
    await using run = await executeScripts({ Thief: thief }, { sandbox });
    expect(run.outcome).toMatchObject({ status: 'passed' });
    expect(run.output).toBe('EACCES\nEACCES\nEACCES\nEPERM\n');
  });

  it('a fork bomb ends whole', async () => {
    const mark = `runlight-${process.pid}-bomb`;
    const bomb = script(`
      import { spawn } from 'node:child_process';
      test('forks', async () => {
        // Bash waits where it cannot have more; other shells give up.
        spawn('bash', ['-c', 'f() { while :; do f & done; }; f', '${mark}'], { detached: true });
        await new Promise(() => {});
      });`);
    await using run = await executeScripts({ Bomb: bomb }, { sandbox, limits: { processes: 60 } });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'process_limit' });
    await eventually(async () => expect(await commandsWith(mark)).toEqual([]));
  });

  it('nothing outlives a run that stops whatever is to kill it', async () => {
    const mark = `runlight-${process.pid}-stopper`;
    const stopper = script(`
      import { spawn } from 'node:child_process';
      test('stops', () => {
        // Once all others are stopped, it has too many processes, and goes on to stop whatever comes.
        const program = 'kill "STOP", -1; for (1..70) { fork or exec "sleep", "3600" } while (1) { kill "STOP", -1 }';
        spawn('perl', ['-e', program, '${mark}'], { detached: true, stdio: 'ignore' });
        while (true) {}
      });`);
    await using run = await executeScripts({ Stopper: stopper }, { sandbox, limits: { processes: 60 } });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'process_limit' });
    expect(await commandsWith(mark)).toEqual([]);
  });
});

/** Where Node and the browser may have been installed by the user that Runlight runs as. */
function namesOfProgramsIn(dir: string): string {
  const programs = [process.execPath, path.resolve('node_modules'), ...(findBrowser({})?.readOnly ?? [])];
  const names = programs.filter((file) => file.startsWith(`${dir}/`)).map((file) => file.split('/')[2]);
  return [...new Set(names)].sort().join() || 'nothing';
}
