// Builds before `npm start` unless what is built is newer than everything it is built from.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const sources = ['server', 'shared', 'client', 'sdk', 'package-lock.json', 'tsconfig.build.json', 'vite.config.ts'];
const built = [
  'dist/server/main.js',
  'dist/client/index.html',
  'dist/package/package.json',
  'dist/suite/node_modules/runlight-reporter.cjs',
  'dist/suite/fetch.cjs',
];

/** Milliseconds since 1970; 0 for what is not there. */
function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(entry) {
  const stat = statSync(entry, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(...readdirSync(entry).map((name) => newestIn(path.join(entry, name))), 0);
}

const builtAt = Math.min(...built.map((file) => changedAt(path.join(root, file))));
const changed = Math.max(...sources.map((entry) => newestIn(path.join(root, entry))));
if (builtAt < changed) {
  console.log('Building Runlight …');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit', shell: true });
  if (status !== 0) {
    console.error('The build failed; see above. Was `npm ci` run, with development dependencies?');
    process.exit(status ?? 1);
  }
}
