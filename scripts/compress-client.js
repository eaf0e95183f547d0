// Writes each text file of dist/client/assets compressed beside itself; the server sends those to browsers that take them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const assets = path.join(path.dirname(import.meta.dirname), 'dist/client/assets');
/** A quality of 11 takes five times as long, and saves another 4 %. */
const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };

for (const name of readdirSync(assets).filter((name) => /\.(js|css|svg|map|json)$/.test(name))) {
  const file = path.join(assets, name);
  const content = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}
