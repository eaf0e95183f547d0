// Builds the npm package `runlight` from sdk/: dist/package, and dist/runlight-<version>.tgz, which the server serves.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import ts from 'typescript-5.9';
import { build } from 'vite';
import { printApi } from './print-api.js';

const root = path.dirname(import.meta.dirname);
const { version, license, description } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const entries = ['index', 'reporter', 'testing'];
/** Unpacked, without dependencies: there are none. */
const budgetBytes = 2_000_000;

// Built aside, so that what is served is whole at any time.
const target = path.join(root, 'dist/package');
const dir = `${target}-${process.pid}`;
rmSync(dir, { recursive: true, force: true });
mkdirSync(dir, { recursive: true });
try {
  const modules = [...(await bundle()), ...(await bundleCommand())];
  writeFileSync(path.join(dir, 'THIRD-PARTY-LICENSES'), licensesOf(modules));
  writeDeclarations();
  cpSync(path.join(root, 'LICENSE'), path.join(dir, 'LICENSE'));
  cpSync(path.join(root, 'docs/client.md'), path.join(dir, 'README.md'));
  writeFileSync(path.join(dir, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`);
  const args = ['pack', dir, '--json', '--pack-destination', dir];
  const [{ filename, size, unpackedSize }] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' }),
  );
  console.log(
    `${filename}: ${kilobytes(size)}, installs as ${kilobytes(unpackedSize)} (at most ${kilobytes(budgetBytes)})`,
  );
  if (unpackedSize > budgetBytes) throw new Error(`The package is over its budget of ${kilobytes(budgetBytes)}.`);
  renameSync(path.join(dir, filename), path.join(root, 'dist', filename));
  // Whoever reads the folder meanwhile misses it for an instant only.
  if (existsSync(target)) renameSync(target, `${dir}-old`);
  renameSync(dir, target);
} finally {
  for (const folder of [dir, `${dir}-old`]) rmSync(folder, { recursive: true, force: true });
}

/** Everything in as few files as there are entries, plus what they share. Answers the files that went into it. */
async function bundle() {
  const outputs = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    define: { 'globalThis.RUNLIGHT_VERSION': JSON.stringify(version) },
    resolve: { conditions: ['runlight-source', 'module', 'import', 'default'] },
    build: {
      lib: { entry: Object.fromEntries(entries.map((name) => [name, `sdk/${name}.ts`])) },
      outDir: dir,
      emptyOutDir: false,
      // The first versions with AbortSignal.any().
      target: ['node20.19', 'chrome116', 'firefox124', 'safari17.4'],
      minify: false,
      rolldownOptions: {
        external: /^node:/,
        output: [outputOf('es', 'js'), outputOf('cjs', 'cjs')],
      },
    },
  });
  return outputs.flatMap(modulesOf);
}

/** The command line, for Node alone, so that programs that import the package load none of it. Parts that few commands need stand apart. */
async function bundleCommand() {
  const output = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, resolve: { conditions: ['runlight-source', 'module', 'node', 'import', 'default'] } },
    build: {
      ssr: true,
      outDir: dir,
      emptyOutDir: false,
      target: 'node20.19',
      minify: false,
      rolldownOptions: {
        input: { cli: 'sdk/cli/main.ts' },
        output: { ...outputOf('es', 'js'), chunkFileNames: 'cli-[name].js', banner: '#!/usr/bin/env node' },
      },
    },
  });
  chmodSync(path.join(dir, 'cli.js'), 0o755);
  return modulesOf(output);
}

function modulesOf({ output }) {
  return output.flatMap((chunk) => chunk.moduleIds ?? []);
}

function outputOf(format, extension) {
  return { format, exports: 'named', entryFileNames: `[name].${extension}`, chunkFileNames: `[name].${extension}` };
}

/** The licences of the packages that are in the bundle. */
function licensesOf(modules) {
  const packages = modules.flatMap((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []);
  return [...new Set(packages)]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((name) => /^licen[cs]e(-mit)?(\.(md|txt))?$/i.test(name));
      if (!file) throw new Error(`${name} has no licence that could be collected.`);
      return `${name} ${version}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** Declarations of the entries and all that these name, for ESM (.d.ts) and for CJS (.d.cts). */
function writeDeclarations() {
  const written = new Set();
  const write = (file) => {
    if (written.has(file)) return;
    written.add(file);
    const text = file === 'sdk/client/api.ts' ? printApi(root) : declarationsOf(file);
    for (const [types, script] of [
      ['.d.ts', '.js'],
      ['.d.cts', '.cjs'],
    ]) {
      const out = path.join(dir, path.relative('sdk', file).replace(/\.ts$/, types));
      mkdirSync(path.dirname(out), { recursive: true });
      writeFileSync(
        out,
        text.replaceAll(/(from ')([#.][^']+)\.ts'/g, (_, from, specifier) => {
          const named = specifier.startsWith('#')
            ? specifier.slice(1)
            : path.posix.join(path.posix.dirname(file), specifier);
          write(`${named}.ts`);
          const relative = path.posix.relative(path.posix.dirname(file), named);
          return `${from}${relative.startsWith('.') ? '' : './'}${relative}${script}'`;
        }),
      );
    }
  };
  for (const name of entries) write(`sdk/${name}.ts`);
}

/** From this file alone, so everything that it exports must state its type. */
function declarationsOf(file) {
  if (!file.startsWith('sdk/')) throw new Error(`The package's types name ${file}, which is not part of it.`);
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(path.join(root, file), 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, stripInternal: true },
  });
  if (diagnostics.length > 0)
    throw new Error(
      ts.formatDiagnostics(diagnostics, {
        getCurrentDirectory: () => root,
        getCanonicalFileName: (name) => name,
        getNewLine: () => '\n',
      }),
    );
  return outputText;
}

function manifest() {
  const exportsOf = (name) => ({
    import: { types: `./${name}.d.ts`, default: `./${name}.js` },
    require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
  });
  return {
    name: 'runlight',
    version,
    description: `${description} This is its client, reporter and command line.`,
    license,
    type: 'module',
    engines: { node: '>=20.19' },
    sideEffects: false,
    bin: { runlight: './cli.js' },
    main: './index.cjs',
    types: './index.d.cts',
    exports: {
      '.': exportsOf('index'),
      './reporter': exportsOf('reporter'),
      './testing': exportsOf('testing'),
      './package.json': './package.json',
    },
    peerDependencies: { '@playwright/test': '>=1.42' },
    // Only the reporter is of use to those who have it.
    peerDependenciesMeta: { '@playwright/test': { optional: true } },
  };
}

function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
