import { lstatSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EntrySink } from './entry-sink.ts';
import { InstallCache, type HeldInstall, type InstallDescription } from './install-cache.ts';
import { installFault } from './install-fault.ts';
import { installScript } from './install-script.ts';
import { installCommand } from './package-managers.ts';
import { writableFolders } from './place-install.ts';
import { runProgram, type SuiteContext } from './run-program.ts';
import { hasOwnScripts, installedFolders, installKey, type SuiteBundle, type UnpackedSuite } from './suite-bundle.ts';
import { SuiteFault } from './suite-stop.ts';
import { unpackScript } from './unpack-script.ts';
import { certificatesOf, inWorkDir, move } from './work-dir.ts';

export interface InstallOptions {
  context: SuiteContext;
  projectId: string;
  bundle: SuiteBundle;
  bundleFile: string;
  suite: UnpackedSuite;
  /** Of the project, in the environment of the install. */
  variables: Record<string, string>;
  toolsPath?: string | undefined;
  /** How installs reach a registry. */
  installEnv: Record<string, string>;
  /** Installs of this machine. */
  installsDir: string;
  cacheBytes: number;
  sink: EntrySink;
}

/**
 * The packages of a suite, by exactly its lock file: from the cache, or installed in the sandbox by the suite's package manager.
 * Throws a `SuiteFault` if they cannot be installed.
 */
export async function installSuite(options: InstallOptions): Promise<HeldInstall> {
  const { bundle, suite, sink, context } = options;
  if (!suite.hasLock)
    throw new SuiteFault(
      `The bundle has no ${bundle.lockFile}: commit the lock file of the package manager, and push again.`,
    );
  const cache = new InstallCache(options.installsDir, options.cacheBytes);
  const key = installKey(options.projectId, bundle, suite);
  const startedAt = performance.now();
  let isCached = true;
  const install = await cache.hold(key, context.signal, async (dir) => {
    isCached = false;
    return inWorkDir(context.sandbox, cache.workDirOf(key), (workDir) => make(options, workDir, dir));
  });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  await sink.say(
    isCached
      ? `${install.packages} packages from the cache in ${seconds} s`
      : `Installed ${install.packages} packages in ${seconds} s`,
  );
  return install;
}

async function make(options: InstallOptions, workDir: string, dir: string): Promise<InstallDescription> {
  const { context, bundle, suite, variables, installEnv, sink } = options;
  const insideDir = context.sandbox.inside(workDir);
  const hasNetwork = context.sandbox.network === 'host';
  const { title, command, readOnly, env } = installCommand(bundle.packageManager, suite, {
    insideDir,
    hasNetwork,
    searchPath: options.toolsPath,
  });
  await sink.say(`Installing with ${title} …`);
  await Promise.all([
    writeFile(path.join(workDir, 'unpack.cjs'), unpackScript),
    writeFile(path.join(workDir, 'install.cjs'), installScript),
    writeFile(path.join(workDir, 'suite.json'), JSON.stringify(bundle)),
    writeFile(path.join(workDir, 'install.json'), JSON.stringify({ command, keepsFiles: hasOwnScripts(suite) })),
  ]);
  context.output.begin();
  const said = await runProgram(
    { ...context, env: { ...context.env, ...env, ...installEnv, ...variables } },
    {
      runDir: workDir,
      program: 'install.cjs',
      bundleFile: options.bundleFile,
      readOnly: [...readOnly, ...certificatesOf(installEnv)],
    },
  );
  const installed = installedFolders.safeParse(said);
  if (!installed.success) throw new SuiteFault(`${title} was killed.\n${context.output.last.slice(-2_000)}`);
  if ('exit' in installed.data) {
    const output = context.output.last;
    const names = Object.keys(variables);
    throw new SuiteFault(
      installFault({
        title,
        lockFile: bundle.lockFile,
        exit: installed.data.exit,
        output,
        suite,
        variables: names,
        hasNetwork,
      }),
    );
  }
  const root = path.join(workDir, 'home/suite');
  const folders = installed.data.folders.sort();
  for (const folder of folders) {
    if (path.basename(folder) !== 'node_modules')
      throw new SuiteFault('The install has left a folder of another name.');
    // Runs have a folder of their own over each of these.
    for (const name of writableFolders) assertFolder(root, `${folder}/${name}`);
    await mkdir(path.join(dir, 'folders', path.dirname(folder)), { recursive: true });
    await move(path.join(root, folder), path.join(dir, 'folders', folder));
  }
  if (hasOwnScripts(suite)) {
    const made = path.join(workDir, 'home/made.tar');
    if (!lstatSync(made).isFile()) throw new SuiteFault('The install has left no files.');
    await move(made, path.join(dir, 'made.tar'));
  }
  return { ...installed.data, folders };
}

/** Scripts of packages ran where the folder is, so a link could stand there by now. */
function assertFolder(root: string, folder: string): void {
  let dir = root;
  for (const name of folder.split('/')) {
    dir = path.join(dir, name);
    if (['', '.', '..'].includes(name) || !lstatSync(dir).isDirectory())
      throw new SuiteFault(`The install has left no folder ${JSON.stringify(folder)}.`);
  }
}
