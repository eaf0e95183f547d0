import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createRunUsers } from './run-users.ts';
import { bubblewrap, detectSandbox, writableDirs } from './sandbox.ts';
import { syscallFilter } from './syscall-filter.ts';

const logger = pino({ level: 'silent' });
const isRoot = process.getuid!() === 0;

describe('detectSandbox', () => {
  it('uses bubblewrap where that works, unless it is switched off', async () => {
    expect((await detectSandbox({ mode: 'required', logger })).kind).toBe('bubblewrap');
    expect((await detectSandbox({ mode: 'auto', logger })).kind).toBe('bubblewrap');
    expect((await detectSandbox({ mode: 'off', logger })).kind).toBe('none');
  });

  it('falls back with a warning without bubblewrap, or throws if a sandbox is required', async () => {
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
    const missing = { logger: log, bwrapPath: '/nonexistent/bwrap' };
    // Root can give each run a user.
    const fallback = process.getuid!() === 0 ? 'user' : 'none';
    expect((await detectSandbox({ mode: 'auto', ...missing })).kind).toBe(fallback);
    expect(warnings).toEqual([expect.stringContaining('bubblewrap (bwrap) is not installed')]);
    await expect(detectSandbox({ mode: 'required', ...missing })).rejects.toThrow('apt-get install bubblewrap');
    await expect(detectSandbox({ mode: 'auto', network: 'none', ...missing })).rejects.toThrow('SANDBOX_NETWORK=host');
    await expect(detectSandbox({ mode: 'off', network: 'none', ...missing })).rejects.toThrow('SANDBOX_NETWORK=none');
  });
});

// Only root can give each run a user.
describe.runIf(isRoot)('as root', () => {
  const detect = async (readOnly: string[]) => {
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
    const { kind, user } = await detectSandbox({ mode: 'required', logger: log, readOnly });
    return { kind, user, warnings };
  };

  it('runs have users of their own, or a warning says that only root can read a file that they need', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
    try {
      // Only the owner may enter folders of `mkdtemp`; files in them can be mounted anyway.
      const file = path.join(dir, 'file');
      await writeFile(file, '', { mode: 0o644 });
      expect(await detect([file])).toEqual({ kind: 'bubblewrap', user: 'own', warnings: [] });
      await chmod(file, 0o600);
      expect(await detect([file])).toEqual({
        kind: 'bubblewrap',
        user: 'worker',
        warnings: [
          expect.stringMatching(/cannot have users of their own: .*EACCES.*does not limit the processes of root/),
        ],
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('a run can read its folder with any umask, and write only to its writable folders', async () => {
    const runDir = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
    try {
      await Promise.all([...writableDirs, 'specs'].map((name) => mkdir(path.join(runDir, name), { mode: 0o700 })));
      await writeFile(path.join(runDir, 'specs/a'), 'spec\n', { mode: 0o600 });
      const asked =
        'cat ../specs/a; touch ../output/x ../home/x /tmp/x && echo written; touch ../specs/x ../x 2>&1 | wc -l';
      const { command, args } = bubblewrap({ users: createRunUsers() }).wrap('/bin/sh', ['-c', asked], {
        runDir,
        readOnly: [],
      });
      expect(spawnSync(command, args, { encoding: 'utf8' }).stdout).toBe('spec\nwritten\n2\n');
    } finally {
      await rm(runDir, { recursive: true });
    }
  });
});

describe('bubblewrap', () => {
  it('hides folders in system folders, except for files that are mounted', async () => {
    const { hidden, given } = systemFolder();
    const runDir = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
    try {
      await Promise.all(writableDirs.map((name) => mkdir(path.join(runDir, name))));
      const { command, args } = bubblewrap({ hidden: [hidden] }).wrap('/bin/ls', [hidden], {
        runDir,
        readOnly: [given],
      });
      const listed = { stdout: `${path.basename(given)}\n`, status: 0 };
      expect(spawnSync(command, args, { encoding: 'utf8' })).toMatchObject(listed);
    } finally {
      await rm(runDir, { recursive: true });
    }
  });
});

describe.each([bubblewrap(), ...(isRoot ? [bubblewrap({ users: createRunUsers() })] : [])])(
  'two programs of one folder in bubblewrap, with the user "$user"',
  (sandbox) => {
    it('share what they write, read what is mounted, and cannot lead a mount elsewhere', async () => {
      const runDir = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
      const from = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
      const run = (asked: string, to?: string, isWritable = false) => {
        const mounts = to === undefined ? [] : [{ from, to, isWritable }];
        const { command, args } = sandbox.wrap('/bin/sh', ['-c', asked], { runDir, readOnly: [], mounts });
        return spawnSync(command, args, { encoding: 'utf8' }).stdout;
      };
      try {
        await Promise.all(writableDirs.map((name) => mkdir(path.join(runDir, name))));
        await writeFile(path.join(from, 'given'), 'given\n');
        await chmod(from, 0o777);
        run('mkdir suite && echo own > suite/own && ln -s /etc leads-out');
        expect(
          run('echo more >> suite/own; cat suite/own suite/m/given; touch suite/m/x 2>&1 | wc -l', 'home/suite/m'),
        ).toBe('own\nmore\ngiven\n1\n');
        expect(run('touch suite/m/x && echo written', 'home/suite/m', true)).toBe('written\n');
        for (const to of ['home/leads-out', 'home/leads-out/m', 'home/suite/own', 'home/../x'])
          expect(() => run('true', to)).toThrow(/no folder|not a folder/);
      } finally {
        await rm(runDir, { recursive: true });
        await rm(from, { recursive: true });
      }
    });
  },
);

/** A folder that lies in a system folder, and one of its several files. */
function systemFolder() {
  const folders = readdirSync('/usr/share').map((name) => path.join('/usr/share', name));
  for (const hidden of folders.filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory())) {
    const files = readdirSync(hidden).map((name) => path.join(hidden, name));
    const given = files.find((file) => lstatSync(file).isFile());
    if (given !== undefined && files.length > 1) return { hidden, given };
  }
  throw new Error('There is no folder with several files in /usr/share');
}

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

  it('supports the architectures that Runlight runs on', () => {
    expect([syscallFilter('x64'), syscallFilter('arm64')]).not.toContain(undefined);
    expect(syscallFilter('s390x')).toBeUndefined();
  });
});
