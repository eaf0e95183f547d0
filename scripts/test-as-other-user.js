// The sandbox gives the same guarantees as root and as another user, but by other means. Where the tests run as root, its
// tests run a second time as a user without any rights. Otherwise they have already run as such a user.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

if (process.getuid?.() !== 0) process.exit(0);

const otherUser = 65_534;
const files = ['sandbox/sandbox', 'hostile-scripts', 'attacks', 'attacks-in-suites'].map(
  (name) => `server/execution/${name}.test.ts`,
);
// Scripts that exceed limits are left out: the limits are the same for every user.
const names =
  'detectSandbox|the filter of system calls|bubblewrap|what keeps scripts|a script that (?!takes too much)|a hostile suite that';

const dir = mkdtempSync('/tmp/runlight-other-user-');
chmodSync(dir, 0o755);
const [home, tmp] = ['home', 'tmp'].map((name) => path.join(dir, name));
for (const own of [home, tmp]) {
  mkdirSync(own);
  chownSync(own, otherUser, otherUser);
}

const mounts = [];
/** Where the other user finds a folder that may lie where root alone can enter. */
function reachable(name, folder) {
  if (isOpen(folder)) return folder;
  const mountPoint = path.join(dir, name);
  mkdirSync(mountPoint);
  mounts.push({ folder, mountPoint });
  return mountPoint;
}

function isOpen(folder) {
  return (statSync(folder).mode & 0o005) === 0o005 && (folder === '/' || isOpen(path.dirname(folder)));
}

const checkout = reachable('checkout', path.dirname(import.meta.dirname));
const node = path.join(reachable('node', path.resolve(process.execPath, '../..')), 'bin/node');
const browsers = process.env.PLAYWRIGHT_BROWSERS_PATH ?? path.join(os.homedir(), '.cache/ms-playwright');
/** How this machine reaches a registry of packages, from which suites are installed. */
const isOfRegistry = /^(NODE_EXTRA_CA_CERTS|HTTPS?_PROXY|NO_PROXY|NPM_CONFIG_REGISTRY)$/i;
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => isOfRegistry.test(name))),
  PATH: process.env.PATH,
  HOME: home,
  TMPDIR: tmp,
  ...(existsSync(browsers) && { PLAYWRIGHT_BROWSERS_PATH: reachable('browsers', browsers) }),
};

// The other user writes neither the bundled configuration nor a cache into the checkout.
// One file at a time: fork bombs of two take longer than one after the other.
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--configLoader=runner', '--cache=false', '--maxWorkers=1'];
const command = ['setpriv', `--reuid=${otherUser}`, `--regid=${otherUser}`, '--clear-groups', node, ...vitest];
const script = [
  ...mounts.map(({ folder, mountPoint }) => shell('mount', '--bind', folder, mountPoint)),
  shell('cd', checkout),
  `exec ${shell(...command, '--testNamePattern', names, ...files)}`,
].join(' && ');

console.log('The tests of the sandbox run once more, as a user without rights:');
const { status, error } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { env, stdio: 'inherit' });
for (const { mountPoint } of mounts) rmdirSync(mountPoint);
rmSync(dir, { recursive: true });
if (error) throw error;
process.exitCode = status ?? 1;

function shell(...words) {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
