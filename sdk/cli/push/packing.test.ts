import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import { extract, type Header } from 'tar-stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { smallSuite, suiteFolder } from '#server/testing/suite-folder.ts';
import { findSuite } from './find-suite.ts';
import { checkArchive, checkLimits } from './limits.ts';
import { listFiles } from './list-files.ts';
import { createTar, hashTar } from './tar.ts';
import { walkFiles } from './walk-files.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Record<string, string>): string {
  const { dir } = suiteFolder(files);
  folders.push(dir);
  return dir;
}

function write(dir: string, name: string, content: string): void {
  const file = path.join(dir, name);
  mkdirSync(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
  if (!name.endsWith('/')) writeFileSync(file, content);
}

/** Not where a file is in the way of a folder. */
function writeIfPossible(dir: string, name: string, content: string): void {
  try {
    write(dir, name, content);
  } catch (error) {
    if (!['ENOTDIR', 'EEXIST', 'EISDIR'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
}

const env = { PATH: process.env['PATH'], HOME: '/nowhere' };
const git = (dir: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: dir, env, stdio: 'pipe' });

async function pack(dir: string) {
  const found = findSuite({ from: dir });
  const listed = await listFiles(found, env);
  return { ...found, ...listed, paths: listed.files.map((file) => file.path) };
}
const hashOf = async (dir: string) => hashTar(await pack(dir));

describe('the hash of a suite', () => {
  test('is that of its files, whatever their times, rights, order and folder', async () => {
    const files = { 'a/b.ts': 'b', 'a.ts': 'a', 'ä.ts': 'ä', 'z.sh': 'z', ...smallSuite };
    const one = folderWith(files);
    const other = folderWith(Object.fromEntries(Object.entries(files).toReversed()));
    for (const name of Object.keys(files)) {
      utimesSync(path.join(other, name), 1, 1);
      chmodSync(path.join(other, name), 0o600);
    }
    expect(await hashOf(other)).toBe(await hashOf(one));
    git(other, 'init', '-q');
    expect(await hashOf(other)).toBe(await hashOf(one));
    chmodSync(path.join(one, 'z.sh'), 0o755);
    chmodSync(path.join(other, 'z.sh'), 0o700);
    expect(await hashOf(other)).toBe(await hashOf(one));
    write(other, 'a.ts', 'A');
    expect(await hashOf(other)).not.toBe(await hashOf(one));
  });

  test('is that of a tar that has every name, and links, as they are', async () => {
    const names = ['a\nb.ts', '-rf.ts', '🎭/ü.ts', 'a\\b.ts', ' x ', `${'long/'.repeat(60)}x.ts`, '\uFEFFbom', '*?[x]'];
    const dir = folderWith({
      ...smallSuite,
      ...Object.fromEntries(names.map((name) => [name, name])),
      large: 'x'.repeat(3e6),
    });
    symlinkSync('../package.json', path.join(dir, '🎭/link'));
    const entries: [Header, number][] = [];
    const untar = extract();
    untar.on('entry', (head, stream, next) => {
      let bytes = 0;
      stream
        .on('data', (chunk) => (bytes += (chunk as Buffer).length))
        .on('end', () => {
          entries.push([head, bytes]);
          next();
        });
    });
    const packed = await pack(dir);
    for await (const chunk of createTar(packed)) untar.write(chunk);
    untar.end(undefined);
    expect(entries.map(([{ name }]) => name)).toEqual(packed.paths);
    expect(packed.paths).toEqual(expect.arrayContaining(names));
    const zero = new Date(0);
    for (const [head, bytes] of entries)
      expect({ ...head, bytes }).toMatchObject({ mtime: zero, uid: 0, gid: 0, bytes: head.size, uname: '', gname: '' });
    expect(entries.find(([{ name }]) => name === '🎭/link')![0]).toMatchObject({
      type: 'symlink',
      linkname: '../package.json',
    });
  });
});

describe('what is sent', () => {
  test('leaves out secrets, results and what is installed, and says why', async () => {
    const dir = folderWith({
      ...smallSuite,
      '.env': '',
      '.env.example': '',
      'apps/.env.local': '',
      'apps/test-results/x': '',
      'node_modules/a/index.js': '',
      'apps/node_modules/b/index.js': '',
      'fixtures/big.bin': '',
      'fixtures/keep.bin': '',
      'dist/x.js': '',
      '.gitignore': '/dist\n',
      '.runlightignore': '*.bin\n!keep.bin\n',
    });
    for (const how of ['without git', 'with git']) {
      if (how === 'with git') git(dir, 'init', '-q');
      const { paths, leftOut, withoutGit } = await pack(dir);
      expect(withoutGit).toBe(how === 'with git' ? undefined : '');
      const kept = ['.env.example', '.gitignore', '.runlightignore', 'fixtures/keep.bin', ...Object.keys(smallSuite)];
      expect(paths, how).toEqual(kept.sort());
      expect(Object.fromEntries(leftOut.map((left) => [left.path, left.why]))).toMatchObject({
        '.env': expect.stringContaining('secrets'),
        'apps/node_modules/': 'never sent',
        'dist/': how === 'with git' ? 'git ignores it' : '.gitignore',
        'fixtures/big.bin': '.runlightignore',
        'node_modules/': 'never sent',
      });
    }
  });

  test('is what git would add, by the same rules, where there is no git', async () => {
    const name = fc.constantFrom('a', 'b', 'ab', 'a b', 'log', 'a.log', 'B', '[x]', 'x', '!y', '#z');
    const paths = fc.array(fc.array(name, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });
    const rule = fc.oneof(
      fc.constantFrom('*.log', '!a.log', '/a', 'a/', '!a/', '**/b', 'a/**', 'a/*', '*', '!*/', '\\!y', '\\#z', '# no'),
      fc.constantFrom('[ab]', '?', 'a/b', '/a/b/', 'b ', 'a\\ b', '**', '/**/x', '\\[x\\]', 'a*', '!/a/b', ''),
    );
    const rules = fc.array(fc.tuple(fc.nat(11), fc.array(rule, { minLength: 1, maxLength: 4 })), { maxLength: 4 });
    const tree = fc.record({ paths, rules });
    await fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 60, size: 'max' }), (trees) => {
        const dir = folderWith({});
        for (const [index, { paths, rules }] of trees.entries()) {
          for (const parts of paths) writeIfPossible(dir, [index, ...parts].join('/'), '');
          for (const [at, lines] of rules) {
            const folders = paths[at % paths.length]!.slice(0, -1);
            writeIfPossible(dir, [index, ...folders, '.gitignore'].join('/'), lines.join('\n'));
          }
        }
        const { found } = walkFiles(dir, dir);
        git(dir, 'init', '-q');
        const byGit = git(dir, 'ls-files', '-coz', '--exclude-standard').toString().split('\0').filter(Boolean);
        expect(found.sort()).toEqual(byGit.sort());
      }),
      { numRuns: 5 },
    );
  });
});

describe('the root', () => {
  test('of a workspace is the folder of its lock file, and the config is found from below', async () => {
    const dir = folderWith({
      'pnpm-lock.yaml': '',
      'package.json': '{}',
      'apps/shop/package.json': '{}',
      'apps/shop/playwright.config.mts': '',
      'apps/shop/tests/cart/': '',
      'other.txt': '',
    });
    git(dir, 'init', '-q');
    const found = {
      dir: 'apps/shop',
      config: 'playwright.config.mts',
      packageManager: 'pnpm',
      lockFile: 'pnpm-lock.yaml',
    };
    expect(findSuite({ from: path.join(dir, 'apps/shop/tests/cart') })).toMatchObject(found);
    expect(findSuite({ from: dir, config: 'apps/shop' })).toMatchObject(found);
    expect((await pack(path.join(dir, 'apps/shop'))).paths).toContain('other.txt');
    write(dir, 'apps/shop/yarn.lock', '');
    write(dir, 'apps/shop/package-lock.json', '');
    expect(() => findSuite({ from: path.join(dir, 'apps/shop') })).toThrow('lock files of several package managers');
    write(dir, 'apps/shop/package.json', '{"packageManager":"yarn@4.1.0"}');
    expect(findSuite({ from: path.join(dir, 'apps/shop') })).toMatchObject({ dir: '', packageManager: 'yarn' });
  });

  test('is not above the repository, nor the home folder without one', () => {
    const dir = folderWith({ ...smallSuite, 'repo/tests/playwright.config.ts': '', 'repo/playwright.config.ts': '' });
    git(path.join(dir, 'repo'), 'init', '-q');
    expect(() => findSuite({ from: path.join(dir, 'repo/tests') })).toThrow(/There is no lock file .* above it up to/);
    const home = folderWith({ ...smallSuite, 'project/tests/': '' });
    vi.stubEnv('HOME', home);
    expect(() => findSuite({ from: path.join(home, 'project/tests') })).toThrow('There is no playwright.config.ts');
    expect(findSuite({ from: home }).root).toBe(realpathSync(home));
    vi.unstubAllEnvs();
  });
});

/** Root can read every file: until the returned object is disposed of, it is a user that can only enter this folder. */
function withoutRights(dir: string): Disposable {
  const user = process.geteuid!();
  chmodSync(dir, 0o755);
  if (user === 0) process.seteuid!(65_534);
  return { [Symbol.dispose]: () => process.seteuid!(user) };
}

describe('a refusal names', () => {
  const refusal = (dir: string) =>
    pack(dir)
      .then(hashTar)
      .then(
        () => '',
        (error: Error) => error.message,
      );

  test.for([
    ['a link that leads out', '/etc/passwd', 'The link "tests/link" has an absolute target ("/etc/passwd")'],
    ['a link that leads above', '../../x', 'The link "tests/link" leads out of the suite ("../../x")'],
    ['a link that leads out by another one', 'up/..', 'The link "tests/link" goes down and up again ("up/..")'],
  ] as const)('%s', async ([, target, message]) => {
    const dir = folderWith({ ...smallSuite, 'tests/a.spec.ts': '' });
    symlinkSync('..', path.join(dir, 'tests/up'));
    symlinkSync(target, path.join(dir, 'tests/link'));
    expect(await refusal(dir)).toContain(message);
    write(dir, '.runlightignore', 'link');
    expect(await refusal(dir)).toBe('');
    git(dir, 'init', '-q');
    expect(await refusal(dir)).toBe('');
    rmSync(path.join(dir, '.runlightignore'));
    expect(await refusal(dir)).toContain(message);
  });

  test('a socket, a name that is not UTF-8, and a file that is needed and left out', async () => {
    const dir = folderWith(smallSuite);
    const server = createServer().listen(path.join(dir, 'a.sock'));
    await once(server, 'listening');
    expect(await refusal(dir)).toContain('"a.sock" is a socket');
    await new Promise((resolve) => server.close(resolve));
    write(dir, '.gitignore', 'package-lock.json');
    expect(await refusal(dir)).toBe('"package-lock.json" would be left out (.gitignore), and a worker needs it.');
    git(dir, 'init', '-q');
    expect(await refusal(dir)).toBe('"package-lock.json" would be left out (git ignores it), and a worker needs it.');
    write(dir, '.gitignore', '');
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/n`), Buffer.from([0xe9])]), '');
    expect(await refusal(dir)).toContain('The name of the file "né" is not UTF-8');
  });

  test('a file that cannot be read', async () => {
    const dir = folderWith({ ...smallSuite, 'secret.key': '' });
    chmodSync(path.join(dir, 'secret.key'), 0);
    const packed = await pack(dir);
    using _ = withoutRights(dir);
    await expect(hashTar(packed)).rejects.toThrow('"secret.key" cannot be read: EACCES');
  });

  test('a file that changes meanwhile', async () => {
    const dir = folderWith({ ...smallSuite, 'a.txt': '', 'large.bin': 'x'.repeat(5_000_000) });
    const packed = await pack(dir);
    const grow = () => appendFileSync(path.join(dir, 'large.bin'), 'x');
    await expect(hashTar({ ...packed, onFile: grow })).rejects.toThrow('"large.bin" changed while it was packed');
    rmSync(path.join(dir, 'large.bin'));
    await expect(hashTar(packed)).rejects.toThrow('"large.bin" changed while it was packed');
  });

  test('what is largest in too large a suite', async () => {
    const dir = folderWith({
      ...smallSuite,
      'assets/videos/a.mp4': '',
      'assets/videos/b.mp4': '',
      'assets/x.txt': 'x',
    });
    for (const name of ['a', 'b']) truncateSync(path.join(dir, `assets/videos/${name}.mp4`), 600_000_000);
    const { files } = await pack(dir);
    expect(() => checkLimits(files)).toThrow(
      /^The suite has 1200\.0 MB, and a bundle has at most 1000\.0 MB\. The largest of them:\n {2}assets\/videos\/ {2}\(1200\.0 MB, 2 files\)\n[^]*\.runlightignore/,
    );
    const limits = { bytes: 100, unpackedBytes: 1e12, files: 3 };
    expect(() => checkLimits(files, limits)).toThrow('The suite has 6 files, and a bundle has at most 3.');
    expect(() => checkArchive(101, files, limits)).toThrow('The suite has more than 100 B, compressed.');
    expect(() => checkArchive(100, files, limits)).not.toThrow();
  });
});
