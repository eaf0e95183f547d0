import type { RunLimits } from '#server/config/run-limits.ts';

function bomb(text: string): string {
  return `childProcess.spawn('bash', ['-c', ${JSON.stringify(text)}], { detached: true }); await new Promise(() => {});`;
}

function forge(send: string): string {
  return `const said = { duration: 1, status: 'passed', errors: [], annotations: [], expectedStatus: 'passed', timeout: 0 };
    const message = { method: '__dispatch__', params: { method: 'testEnd', params: { testId: test.info().testId, ...said } } };
    ${send};
    expect(1).toBe(2);`;
}

export interface Attack {
  name: string;
  /** Statements of a test that passes if it gets what it wants. Runs with `fs`, `net`, `childProcess`, `connect`, `api` and `dataDir`. */
  body: string;
  /** What its run may take, where it is about that; everything else has the limits of production. */
  limits?: Partial<RunLimits>;
  /** Of the test, or of the run where that is ended. */
  status: string;
  errorCode: string | null;
  details: RegExp;
  /** What it gets is a verdict of its own, which code of a suite may have: it runs in the process that judges. */
  isOwnVerdict?: boolean;
}

/** Attempts that fail within their test; they share a run. */
export const attempts: Attack[] = [
  ...[
    ['reads /etc/shadow', `fs.readFileSync('/etc/shadow');`],
    ['reads DATA_DIR', `fs.readdirSync(dataDir);`],
    ['reads the artifacts of another run', `fs.readFileSync(dataDir + '/artifacts/other/secret.txt');`],
    ['connects to the embedded database', `await connect(socket);`],
  ].map(([name, body]) => ({ name: name!, body: body!, status: 'failed', errorCode: null, details: /ENOENT/ })),
  {
    name: 'calls the API',
    body: `const { status } = await fetch(api + '/api/trpc/tests.list'); expect(status).toBe(200);`,
    status: 'failed',
    errorCode: null,
    details: /Received: 401/,
  },
  ...[
    [
      'makes itself root of a user namespace',
      `childProcess.execFileSync('unshare', ['--user', '--map-root-user', 'true']);`,
    ],
    ['keeps memory that no process holds', `childProcess.execFileSync('ipcmk', ['--shmem', '100000000']);`],
  ].map(([name, body]) => ({
    name: name!,
    body: body!,
    status: 'failed',
    errorCode: null,
    details: /Operation not permitted/,
  })),
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
    details: /EROFS|EACCES/,
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
    name: 'debugs the process that judges it',
    body: `process.kill(process.ppid, 'SIGUSR1');
      for (let i = 0; i < 20; i++) {
        try { await connect({ host: '127.0.0.1', port: 9229 }); return; } catch { await new Promise((resolve) => setTimeout(resolve, 50)); }
      }
      await connect({ host: '127.0.0.1', port: 9229 });`,
    status: 'failed',
    errorCode: null,
    details: /ECONNREFUSED/,
    isOwnVerdict: true,
  },
  {
    name: 'forges messages of Playwright',
    body: forge('process.send(message)'),
    status: 'failed',
    errorCode: null,
    details: /toBe/,
    isOwnVerdict: true,
  },
  {
    name: 'writes through files that other processes have open',
    body: `const list = (dir) => { try { return fs.readdirSync(dir).map((name) => dir + '/' + name); } catch { return []; } };
      const open = list('/proc').filter((dir) => /\\d$/.test(dir)).flatMap((dir) => list(dir + '/fd'));
      const written = open.filter((file) => {
        try {
          if (!fs.statSync(file).isFile() || /^\\/(runlight\\/(home|output)|tmp|dev\\/shm)\\//.test(fs.readlinkSync(file))) return false;
          fs.closeSync(fs.openSync(file, 'r+'));
          return true;
        } catch { return false; }
      });
      expect(written.map((file) => fs.readlinkSync(file))).not.toEqual([]);`,
    status: 'failed',
    errorCode: null,
    details: /not\.toEqual/,
  },
];

/** Attacks that end or fail a run; each has its own. */
export const attacks: Attack[] = [
  {
    name: 'kills everything that it can',
    body: `process.kill(-1, 'SIGKILL'); await new Promise(() => {});`,
    status: 'error',
    errorCode: 'runner_crashed',
    details: /without a verdict/,
  },
  {
    name: 'forges messages on every channel that it finds',
    body: forge("for (let fd = 3; fd < 60; fd++) try { fs.writeSync(fd, JSON.stringify(message) + '\\n'); } catch {}"),
    status: 'error',
    errorCode: 'forged_report',
    details: /wrote into the channel/,
  },
  ...[
    {
      name: 'starts processes without end',
      // What the kernel refuses before the supervisor has looked does not stop it.
      body: `for (;;) {
        childProcess.spawn('/bin/sleep', ['3600'], { detached: true }).on('error', () => {});
        await new Promise(setImmediate);
      }`,
    },
    // Bash waits where it cannot have more; other shells give up.
    { name: 'is a fork bomb', body: bomb('f() { while :; do f & done; }; f') },
    {
      name: 'is a fork bomb with sessions of their own',
      body: `fs.writeFileSync('/tmp/bomb', 'while :; do setsid bash /tmp/bomb & done'); ${bomb('. /tmp/bomb')}`,
    },
  ].map((attack) => ({
    ...attack,
    limits: { processes: 60 },
    status: 'error',
    errorCode: 'process_limit',
    details: /more than 60 processes/,
  })),
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
];

/** Attacks that take too much; the limits on them are the same for every user. */
export const excesses: Attack[] = [
  {
    name: 'writes a file of 10 GB',
    body: `const file = fs.openSync('/tmp/big', 'w');
      for (let i = 0; i < 640; i++) fs.writeSync(file, Buffer.alloc(16_000_000, 1));`,
    limits: { fileBytes: 100_000_000 },
    status: 'failed',
    errorCode: 'file_size_limit',
    details: /EFBIG[\s\S]*at most 100 MB/,
  },
  {
    name: 'fills the disk with many files',
    body: `for (let i = 0; i < 60; i++) fs.writeFileSync('/tmp/' + i, Buffer.alloc(16_000_000, 1));
      await new Promise(() => {});`,
    limits: { diskBytes: 300_000_000 },
    status: 'error',
    errorCode: 'disk_limit',
    details: /more than 300 MB/,
  },
  {
    name: 'fills the disk with files without a name',
    body: `for (let i = 0; i < 60; i++) {
        const file = fs.openSync('/dev/shm/x', 'w');
        fs.unlinkSync('/dev/shm/x');
        fs.writeSync(file, Buffer.alloc(16_000_000, 1));
      }
      await new Promise(() => {});`,
    limits: { diskBytes: 300_000_000 },
    status: 'error',
    errorCode: 'disk_limit',
    details: /more than 300 MB/,
  },
  {
    name: 'takes 8 GB of memory',
    // It holds on to what it has got when the kernel gives no more, until the supervisor has looked.
    body: `const all = [];
      try { for (let i = 0; i < 128; i++) all.push(Buffer.alloc(64_000_000, 1)); } catch {}
      await new Promise(() => all);`,
    limits: { memoryBytes: 600_000_000 },
    status: 'error',
    errorCode: 'memory_limit',
    details: /more than 600 MB of memory/,
  },
  {
    name: 'opens all files that it can',
    body: `for (let i = 0; i < 100_000; i++) fs.openSync('/dev/null', 'r');`,
    limits: { openFiles: 500 },
    status: 'failed',
    errorCode: 'open_files_limit',
    details: /EMFILE[\s\S]*at most 500 open files/,
  },
  {
    name: 'loops for ever, in three processes',
    body: `for (let i = 0; i < 2; i++) childProcess.spawn(process.execPath, ['-e', 'while (true) {}'], { detached: true });
      while (true) {}`,
    // More than it takes to begin; a machine on which it takes more ends it earlier, and for the same reason.
    limits: { cpuSeconds: 8 },
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
    limits: { outputBytes: 20_000_000 },
    status: 'error',
    errorCode: 'output_limit',
    details: /printed more than 20 MB/,
  },
  {
    name: 'attaches a file without end, and fails',
    body: `test.info().attachments.push({ name: 'zero', path: '/dev/zero', contentType: 'text/plain' }); expect(1).toBe(2);`,
    limits: { memoryBytes: 600_000_000 },
    status: 'error',
    errorCode: 'memory_limit',
    details: /more than 600 MB of memory/,
  },
];
