import { writableFolders } from './place-install.ts';

/**
 * `unpack.cjs` of a run's folder: unpacks the bundle, which it reads from its standard input, into `home/suite`, and says as JSON on
 * descriptor 3 what it found (`UnpackedSuite`). It runs in the sandbox: the archive and its links are the suite's.
 */
export const unpackScript = String.raw`
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const home = path.join(__dirname, 'home');
const root = path.join(home, 'suite');
const options = JSON.parse(fs.readFileSync(path.join(__dirname, 'suite.json'), 'utf8'));

function unpack() {
  fs.mkdirSync(root);
  const { status, stderr, error } = spawnSync('tar', ['-xz', '--no-same-owner', '-C', root], { stdio: ['inherit', 'ignore', 'pipe'] });
  if (error) throw new Error('tar cannot be started: ' + error.message);
  if (status !== 0) throw new Error('the bundle cannot be unpacked: ' + String(stderr).slice(-1000).trim());
}

/** Files that decide the result of an install, besides the lock file. Archives can be dependencies. */
const isDecisive = (file) =>
  /^(package\.json|\.npmrc|\.yarnrc|\.yarnrc\.yml|pnpm-workspace\.yaml|\.pnpmfile\.[cm]?js|pnpmfile\.[cm]?js|binding\.gyp)$/.test(path.basename(file)) ||
  /(^|\/)(patches|\.yarn\/(patches|releases|plugins))\//.test(file) ||
  /\.(tgz|tar\.gz)$/.test(file);

function* filesBelow(dir) {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* filesBelow(file);
    } else yield file;
  }
}

/** Settings that make the package manager copy folders. By default, npm links them; pnpm and Yarn copy those of \`file:\`. */
const copiesFolders = /^\s*(install-links|inject-workspace-packages)\s*=\s*true|^\s*injectWorkspacePackages:\s*true/m;
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare', 'pnpm:devPreinstall'];

function inspect() {
  const hash = createHash('sha256');
  const found = { hash: '', scripts: [], copiesFolders: false, variables: [], hasConfig: false, hasLock: false, isBerry: false, yarnPath: null, packageManager: null };
  for (const file of filesBelow(root)) {
    const name = path.relative(root, file);
    if (name === options.lockFile) found.hasLock = true;
    else if (!isDecisive(name)) continue;
    const content = fs.lstatSync(file).isSymbolicLink() ? Buffer.from('-> ' + fs.readlinkSync(file)) : fs.readFileSync(file);
    hash.update(JSON.stringify([name, content.length])).update(content);
    const text = content.toString('utf8');
    if (path.basename(name) === 'package.json') readPackage(name, text, found);
    if (name === options.lockFile) found.isBerry = /^__metadata:/m.test(text);
    if (/(^|\/)(\.npmrc|\.yarnrc\.yml)$/.test(name))
      for (const [, variable] of text.matchAll(/\$\{(\w+)[^}]*\}/g)) found.variables.push(variable);
    if (copiesFolders.test(text) && /(^|\/)(\.npmrc|pnpm-workspace\.yaml)$/.test(name)) found.copiesFolders = true;
    if (name === '.yarnrc.yml') found.yarnPath = /^yarnPath:\s*["']?([^"'\s]+)/m.exec(text)?.[1] ?? null;
  }
  found.hash = hash.digest('hex');
  found.hasConfig = fs.existsSync(path.join(root, options.dir, options.config));
  return found;
}

function readPackage(name, text, found) {
  let content;
  try {
    content = JSON.parse(text) ?? {};
  } catch {
    return;
  }
  if (name === 'package.json' && typeof content.packageManager === 'string') found.packageManager = content.packageManager;
  const { dependencies, devDependencies, optionalDependencies, dependenciesMeta } = content;
  const isFolder = (spec) => typeof spec === 'string' && /^file:/.test(spec) && !/\.(tgz|tar\.gz)$/.test(spec);
  const isCopied = options.packageManager !== 'npm' && Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies }).some(isFolder);
  const isInjected = Object.values(dependenciesMeta ?? {}).some((meta) => meta?.injected === true);
  if (isCopied || isInjected) found.copiesFolders = true;
  for (const script of lifecycle)
    if (typeof content.scripts?.[script] === 'string') found.scripts.push(content.scripts[script]);
}

/** Beside the suite's config, since paths in a config are relative to its folder. */
function writeWrapper() {
  const { name, ext } = path.parse(options.config);
  const theirs = './' + options.config;
  const source =
    ext === '.cjs'
      ? 'const theirs = require(' + JSON.stringify(theirs) + ');\n' + wrapper + 'module.exports = withReporter(theirs);\n'
      : 'import * as theirs from ' + JSON.stringify(theirs) + ';\n' + wrapper + 'export default withReporter(theirs);\n';
  fs.writeFileSync(path.join(root, options.dir, name + '.runlight' + ext), source, { flag: 'wx' });
}

const output = path.join(__dirname, 'output');
/** Reporters that only print are left out: what they print is in the log already. Playwright adds one where no other prints. */
const wrapper =
  'const printing = ["list", "line", "dot", "github", "null", "html"];\n' +
  'function withReporter(theirs) {\n' +
  '  let config = theirs;\n' +
  '  for (let depth = 0; depth < 3 && config && config.default && typeof config.default === "object"; depth++) config = config.default;\n' +
  '  const given = typeof config.reporter === "string" ? [[config.reporter]] : (config.reporter || []);\n' +
  '  const others = given.filter(([name, options]) => !printing.includes(name) && !(["json", "junit"].includes(name) && !(options && options.outputFile)));\n' +
  '  const html = given.find(([name]) => name === "html");\n' +
  '  return {\n' +
  '    ...config,\n' +
  '    reporter: [\n' +
  '      ["html", { ...(html && html[1]), outputFolder: ' + JSON.stringify(path.join(output, 'report')) + ', open: "never" }],\n' +
  '      ...others,\n' +
  '      [' + JSON.stringify(path.join(__dirname, 'node_modules/runlight-reporter.cjs')) + '],\n' +
  '      [' + JSON.stringify(path.join(__dirname, 'node_modules/runlight-quiet.cjs')) + '],\n' +
  '    ],\n' +
  '  };\n' +
  '}\n';

exports.root = root;
exports.run = function run(work) {
  const say = (message) => fs.writeSync(3, JSON.stringify(message));
  try {
    say(work());
  } catch (error) {
    say({ error: error.message });
    process.exitCode = 1;
  }
};
exports.unpack = unpack;

if (require.main === module)
  exports.run(() => {
    unpack();
    // Tools keep caches in the packages' folder, which a run cannot change.
    for (const name of ${JSON.stringify(writableFolders)}) fs.mkdirSync(path.join(home, '.runlight', name), { recursive: true });
    const found = inspect();
    if (found.hasConfig) writeWrapper();
    return found;
  });
`;
