import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { findBrowser } from './browser.ts';
import { bubblewrap, detectSandbox, writableDirs } from './sandbox.ts';
import { syscallFilter } from './syscall-filter.ts';

const logger = pino({ level: 'silent' });

describe('detectSandbox', () => {
  it('uses bubblewrap where that works, unless it is switched off', async () => {
    expect((await detectSandbox({ mode: 'required', logger })).kind).toBe('bubblewrap');
    expect((await detectSandbox({ mode: 'auto', logger })).kind).toBe('bubblewrap');
    expect((await detectSandbox({ mode: 'off', logger })).kind).toBe('none');
  });

  it('without bubblewrap falls back with a warning, or refuses if it is required', async () => {
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
    const missing = { logger: log, bwrapPath: '/nonexistent/bwrap' };
    // Root has users to give.
    const fallback = process.getuid!() === 0 ? 'user' : 'none';
    expect((await detectSandbox({ mode: 'auto', ...missing })).kind).toBe(fallback);
    expect(warnings).toEqual([expect.stringContaining('bubblewrap (bwrap) is not installed')]);
    await expect(detectSandbox({ mode: 'required', ...missing })).rejects.toThrow('apt-get install bubblewrap');
    await expect(detectSandbox({ mode: 'auto', network: 'none', ...missing })).rejects.toThrow('SANDBOX_NETWORK=host');
    await expect(detectSandbox({ mode: 'off', network: 'none', ...missing })).rejects.toThrow('SANDBOX_NETWORK=none');
  });
});

describe('bubblewrap', () => {
  it('hides folders that lie in a system folder, but for what is given', async () => {
    const hidden = await mkdtemp('/usr/local/share/runlight-test-');
    const runDir = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
    try {
      await Promise.all(writableDirs.map((name) => mkdir(path.join(runDir, name))));
      await Promise.all(['secret', 'given'].map((name) => writeFile(path.join(hidden, name), name)));
      const given = path.join(hidden, 'given');
      const { command, args } = bubblewrap({ hidden: [hidden] }).wrap('/bin/ls', [hidden], {
        runDir,
        readOnly: [given],
      });
      expect(spawnSync(command, args, { encoding: 'utf8' })).toMatchObject({ stdout: 'given\n', status: 0 });
    } finally {
      await Promise.all([hidden, runDir].map((dir) => rm(dir, { recursive: true })));
    }
  });
});

describe('the filter of system calls', () => {
  it('refuses shared memory beyond what PostgreSQL needs, and namespaces', async () => {
    const runDir = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
    try {
      await Promise.all(writableDirs.map((name) => mkdir(path.join(runDir, name))));
      const asked = [
        'ipcmk --shmem 65536',
        'ipcmk --shmem 65537',
        'ipcmk --queue',
        'unshare --user true',
        'setpriv true',
      ];
      const ask = asked.map((command) => `${command} >/dev/null 2>&1; echo $?`).join('; ');
      const { command, args } = bubblewrap().wrap('/bin/sh', ['-c', ask], { runDir, readOnly: [] });
      expect(spawnSync(command, args, { encoding: 'utf8' })).toMatchObject({ stdout: '0\n1\n1\n1\n0\n', status: 0 });
    } finally {
      await rm(runDir, { recursive: true });
    }
  });

  it('knows the architectures that Runlight is used on', () => {
    expect([syscallFilter('x64'), syscallFilter('arm64')]).not.toContain(undefined);
    expect(syscallFilter('s390x')).toBeUndefined();
  });
});

describe('findBrowser', () => {
  it('takes the given program and refuses what is none', async () => {
    expect(findBrowser({ path: process.execPath })).toMatchObject({
      kind: 'given',
      readOnly: [path.dirname(process.execPath)],
    });
    expect(() => findBrowser({ path: import.meta.filename })).toThrow(/BROWSER_PATH=.* is not a program/);
    expect(() => findBrowser({ path: '/usr/bin' })).toThrow('is not a program');
  });
});
