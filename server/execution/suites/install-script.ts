import { writableFolders } from './place-install.ts';

/**
 * `install.cjs` of an install's folder: unpacks the bundle, runs the package manager, makes what it has installed readable for later
 * runs, and says as JSON on descriptor 3 where that is (`InstalledFolders`). It runs in the sandbox, as the package manager's scripts do.
 */
export const installScript = String.raw`
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { root, unpack } = require('./unpack.cjs');

const { command, keepsFiles } = JSON.parse(fs.readFileSync(path.join(__dirname, 'install.json'), 'utf8'));
const say = (message) => fs.writeSync(3, JSON.stringify(message));

function fail(error) {
  say({ error: error.message });
  process.exitCode = 1;
}

try {
  unpack();
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('error', fail);
  child.once('exit', (code, signal) => {
    try {
      say(code === 0 ? seal() : { exit: signal ?? code });
    } catch (error) {
      fail(error);
    }
  });
} catch (error) {
  fail(error);
}

const result = { folders: [], packages: 0, bytes: 0 };

function seal() {
  visit(root, false);
  for (const folder of result.folders)
    for (const name of ${JSON.stringify(writableFolders)}) fs.mkdirSync(path.join(root, folder, name), { recursive: true, mode: 0o755 });
  if (keepsFiles) keepFiles();
  return result;
}

/** Later runs have other users. Only the owner of a file may change its mode, so nothing of others is opened here. */
function visit(dir, isInstalled) {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    const isFolder = !isInstalled && entry.name === 'node_modules' && entry.isDirectory();
    if (isFolder) result.folders.push(path.relative(root, file));
    if (isInstalled || isFolder) {
      const { mode, blocks } = fs.lstatSync(file);
      result.bytes += blocks * 512;
      const wanted = entry.isDirectory() || mode & 0o100 ? 0o755 : 0o644;
      if (!entry.isSymbolicLink() && (mode & 0o7777) !== wanted) fs.chmodSync(file, wanted);
      if (isPackage(file, entry.name)) result.packages += 1;
    }
    if (entry.isDirectory()) visit(file, isInstalled || isFolder);
  }
}

function isPackage(file, name) {
  if (name !== 'package.json') return false;
  const [last, before] = [path.basename(path.dirname(path.dirname(file))), path.basename(path.resolve(file, '../../..'))];
  return last === 'node_modules' || (last.startsWith('@') && before === 'node_modules');
}

/** What scripts of the suite have made besides packages: files of a bundle are from 1970. */
function keepFiles() {
  const find = ['.', '-name', 'node_modules', '-prune', '-o', '(', '-type', 'f', '-o', '-type', 'l', ')', '-newermt', '@1', '-print0'];
  const list = spawnSync('find', find, { cwd: root, maxBuffer: 1e9 });
  const archive = path.join(__dirname, 'home/made.tar');
  const made = spawnSync('tar', ['-cf', archive, '--null', '-T', '-'], { cwd: root, input: list.stdout });
  if (list.status !== 0 || made.status !== 0) throw new Error('what scripts have made cannot be kept: ' + String(list.stderr) + String(made.stderr));
  fs.chmodSync(archive, 0o644);
  result.bytes += fs.statSync(archive).size;
}
`;
