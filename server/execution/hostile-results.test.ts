import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLocalArtifactStore } from '#server/artifacts/local-store.ts';
import { createRunUsers } from '#server/execution/sandbox/run-users.ts';
import { bubblewrap } from '#server/execution/sandbox/sandbox.ts';
import { executeScripts, script } from '#server/testing/execute-scripts.ts';

const passing = script(`test('passes', () => {});`);

// Only root has users to give.
const users = process.getuid!() === 0 ? createRunUsers() : undefined;

describe('a script cannot get "passed" by accident', () => {
  it('when it ends its process: in a test, or while it is loaded', async () => {
    const exits = script(`test('leaves', () => { process.exit(0); });`);
    await using inTest = await executeScripts({ Exits: exits, Passing: passing });
    expect(inTest.outcome).toMatchObject({ status: 'error', errorCode: 'script_crashed' });
    expect(inTest.outcome.errorDetails).toContain('"Exits" ended the process');
    expect(inTest.outcome.tests.map(({ status }) => status)).toEqual(['failed', 'passed']);

    await using atLoad = await executeScripts({ Passing: passing, Exits: script('process.exit(0);') });
    expect(atLoad.outcome).toMatchObject({ status: 'error', errorCode: 'script_crashed' });
    expect(atLoad.outcome.errorDetails).toContain('"Exits" ended the process');
  });

  it('when it kills Playwright', async () => {
    const kills = script(
      `test('kills', async () => { process.kill(process.ppid, 'SIGKILL'); await new Promise(() => {}); });`,
    );
    await using run = await executeScripts({ Kills: kills });
    expect(run.outcome).toMatchObject({
      status: 'error',
      errorCode: 'runner_crashed',
      tests: [{ status: 'interrupted' }],
    });
  });

  it('when it speaks in the name of the process that judges', async () => {
    const forged = `
      const messages = [
        { kind: 'event', event: { type: 'test', position: 0, name: 'Forger', status: 'passed', flaky: false, duration: 1, error: null } },
        { kind: 'begin', cases: [1], leftOut: [] },
        { kind: 'end', status: 'passed' },
      ];
      for (const message of messages) {
        process.send(message);
        for (let fd = 3; fd < 40; fd++)
          try { require('node:fs').writeSync(fd, JSON.stringify(message) + '\\n'); } catch {}
      }`;
    const inTest = script(`test('lies', () => { ${forged} expect(1).toBe(2); });`);
    await using run = await executeScripts({ Forger: inTest });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'forged_report' });
    await using atLoad = await executeScripts({ Forger: script(`${forged} process.exit(0);`) });
    expect(atLoad.outcome).toMatchObject({ status: 'error', errorCode: 'forged_report' });
  });

  it('when it fills its memory', async () => {
    const greedy = script(
      `test('eats', () => { const all = []; while (true) all.push(new Array(1_000_000).fill(0.5)); });`,
    );
    await using run = await executeScripts({ Greedy: greedy }, { limits: { heapMb: 150 } });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'out_of_memory', tests: [{ status: 'failed' }] });
    expect(run.outcome.errorDetails).toContain('"Greedy" ran out of memory (150 MB)');
  });
});

describe('what a script leaves behind', () => {
  it('is limited in output, whatever bytes it prints', async () => {
    const loud = script(`
      test('shouts', async () => {
        process.stdout.write(Buffer.from([0x66, 0x6f, 0x00, 0xff, 0x0a]));
        console.log('\\ud800');
        for (let i = 0; i < 50; i++) console.log('x'.repeat(1_000_000));
      });`);
    await using run = await executeScripts({ Loud: loud }, { limits: { shownOutputBytes: 200_000 } });
    expect(run.outcome.status).toBe('passed');
    expect(run.output.startsWith('fo\ufffd\ufffd\n\ufffd')).toBe(true);
    expect(run.output.length).toBeLessThan(201_000);
    expect(run.output).toContain('Output beyond 200000 bytes is left out.');
    for (const event of run.events) expect(JSON.stringify(event).length).toBeLessThan(20_000);
  });

  it('is limited in size, and its links are neither followed nor kept', async () => {
    const links = script(`
      import fs from 'node:fs';
      test('links', async () => {
        const info = test.info();
        fs.mkdirSync(info.outputDir, { recursive: true });
        fs.symlinkSync('/etc/passwd', info.outputPath('passwd.txt'));
        fs.symlinkSync('/etc', info.outputPath('etc'));
        fs.symlinkSync('/etc/hostname', info.outputDir + '/../../output.log');
        info.attachments.push({ name: 'passwd', path: info.outputPath('passwd.txt'), contentType: 'text/plain' });
        fs.writeFileSync(info.outputPath('big.bin'), Buffer.alloc(3_000_000));
        fs.writeFileSync(info.outputPath('small.txt'), 'small');
        info.attachments.push({ name: 'big', path: info.outputPath('big.bin'), contentType: 'application/octet-stream' });
        info.attachments.push({ name: 'small', path: info.outputPath('small.txt'), contentType: 'text/plain' });
        console.log('done');
      });`);
    const dir = await mkdtemp(path.join(tmpdir(), 'runlight-store-'));
    const store = createLocalArtifactStore({ dir });
    try {
      await using run = await executeScripts(
        { Links: links },
        { sandbox: bubblewrap({ users }), limits: { artifactBytes: 2_000_000 } },
      );
      expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'artifact_limit' });
      expect(run.outcome.artifacts.map(({ name }) => name)).toEqual(['Report', 'Console output', 'small']);
      await store.put('run-1', path.join(run.runDir, 'output'));
      for (const artifact of run.outcome.artifacts) {
        const file = path.join(dir, 'run-1', artifact.path);
        expect((await readFile(file)).length).toBe(artifact.bytes);
        expect((await stat(file)).uid).toBe(process.getuid!());
      }
      expect(await readFile(path.join(dir, 'run-1/output.log'), 'utf8')).toBe('done\n');
      const folder = path.posix.dirname(run.outcome.artifacts.at(-1)!.path);
      for (const gone of ['passwd.txt', 'etc/passwd', 'big.bin'])
        expect(existsSync(path.join(dir, 'run-1', folder, gone))).toBe(false);
      await store.delete('run-1');
      expect(existsSync(path.join(dir, 'run-1'))).toBe(false);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
