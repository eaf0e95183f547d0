// What a browser loads before a page is there: the app and the page's own code, with all that they import statically.
// Prints it for each page and fails where it is more than the budget. Editor and plots come later, by `import()`.
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const budgetBytes = 180_000;
const client = path.join(path.dirname(import.meta.dirname), 'dist/client');
const manifestFile = path.join(client, '.vite/manifest.json');

/** By source file: `file`, `imports` and `dynamicImports`, the latter two as keys of the manifest. */
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
const app = Object.keys(manifest).find((key) => manifest[key].isEntry);

/** The chunk and all that it needs at once. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const imported of manifest[key].imports ?? []) closure(imported, found);
  return found;
}

const sizes = new Map();
function gzippedBytes(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(path.join(client, file))).length);
  return sizes.get(file);
}

const pages = manifest[app].dynamicImports.filter((key) => key.endsWith('-page.tsx'));
const loads = pages
  .map((page) => {
    const keys = new Set([...closure(app), ...closure(page)]);
    const files = [...new Set([...keys].map((key) => manifest[key].file))].filter((file) => file.endsWith('.js'));
    return { page, bytes: files.reduce((sum, file) => sum + gzippedBytes(file), 0) };
  })
  .sort((a, b) => b.bytes - a.bytes);
if (loads.length === 0) throw new Error('The manifest names no pages.');

console.log(`First load, gzipped JavaScript (at most ${kilobytes(budgetBytes)}):`);
for (const { page, bytes } of loads) console.log(`  ${kilobytes(bytes).padStart(9)}  ${page}`);
const over = loads.filter(({ bytes }) => bytes > budgetBytes);
if (over.length > 0) {
  console.error(
    `Over the budget: ${over.map(({ page }) => page).join(', ')}. Import what is not needed at once later.`,
  );
  process.exit(1);
}
// It is of no use to browsers.
rmSync(path.dirname(manifestFile), { recursive: true });

function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
