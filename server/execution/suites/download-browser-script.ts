/**
 * `download-browser.cjs` of an install's folder: runs commands one after the other while they succeed, and says as JSON on
 * descriptor 3 how the last one ended.
 */
export const downloadBrowserScript = String.raw`
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

let exit = 0;
for (const [program, ...args] of JSON.parse(fs.readFileSync(path.join(__dirname, 'commands.json'), 'utf8'))) {
  const { status, signal } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  exit = signal ?? status;
  if (exit !== 0) break;
}
fs.writeSync(3, JSON.stringify({ exit }));
`;
