import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { SuiteGit } from '#shared/suite-git.ts';
import { bundleInput, bundleLimits } from '#shared/suites.ts';
import { formatSize } from '#server/execution/sandbox/excess.ts';
import { writableDirs } from '#server/execution/sandbox/sandbox.ts';
import type { FetchedBundle } from '#server/suites/fetched-bundle.ts';
import { bounded } from './bounded.ts';
import { runProgram } from './run-program.ts';
import { type ContextOptions, inSuiteContext, type SuiteWork } from './suite-context.ts';
import { outcome, type SuiteOutcome } from './suite-outcome.ts';
import { SuiteFault } from './suite-stop.ts';
import { takeFile } from './take-file.ts';
import { certificatesOf } from './work-dir.ts';

/** Of a fetch, in ms. */
const longestFetch = 10 * 60_000;

/** What git may write: a checkout, the same once more in git's own files, and the archive. */
const mostBytes = 2 * bundleLimits.unpackedBytes + bundleLimits.bytes;

export interface FetchOptions extends ContextOptions {
  /** An empty folder for the fetch. */
  runDir: string;
  source: SuiteGit;
  /** Name of the suite. */
  suite: string;
  /** Commits of which the suite has a bundle. */
  known: readonly string[];
  /** How installs reach a registry, and git its server (`installEnvironment`). */
  installEnv: Record<string, string>;
  /** The file of the program. */
  fetcherFile: string;
  /** Default: 10 minutes. */
  longestMs?: number;
  /** Stores what was fetched. */
  onFetched: (fetched: FetchedBundle) => Promise<void>;
}

/** What the program says. */
const commitSha = z.string().regex(/^[0-9a-f]{40,64}$/);
const fetchedSuite = z.discriminatedUnion('isKnown', [
  z.object({ isKnown: z.literal(true), commitSha }),
  z.object({ isKnown: z.literal(false), bundle: bundleInput }),
]);

/**
 * Fetches a suite from git in the sandbox, and packs it as `runlight push` does. Settles when all processes have ended; an outcome
 * without a code says that `onFetched` has stored the suite. The variable of the token goes into the environment of git alone.
 */
export function fetchInSandbox(options: FetchOptions): Promise<SuiteOutcome> {
  return inSuiteContext(options, 'fetch_failed', async (work) => {
    work.sink.begin('fetch');
    await options.onFetched(await fetch(options, work));
    return outcome('passed', null, null);
  });
}

async function fetch(options: FetchOptions, { context, sink, redaction }: SuiteWork): Promise<FetchedBundle> {
  const { runDir, source, suite, known, installEnv, longestMs = longestFetch } = options;
  const { url, branch, path: folder, tokenVariable: tokenName } = source;
  const { sandbox } = context;
  const diskBytes = Math.min(context.limits.diskBytes, mostBytes);
  if (sandbox.network === 'none')
    throw new SuiteFault(
      'Runs of this worker have no network (SANDBOX_NETWORK=none), so it cannot fetch from git: push the suite instead (npx runlight push).',
    );
  const token = tokenOf(options);
  const order = { url, branch, path: folder, tokenName, suite, known };
  for (const name of writableDirs) await mkdir(path.join(runDir, name), { recursive: true });
  await Promise.all([
    copyFile(options.fetcherFile, path.join(runDir, 'fetch.cjs')),
    writeFile(path.join(runDir, 'fetch.json'), JSON.stringify(order)),
  ]);
  await sink.say(`Fetching ${branch} of ${url} …`);
  const bounds = {
    longestMs,
    tooLong: `Fetching ${url} takes longer than ${formatMinutes(longestMs)}. Try again later, or keep the suite in a smaller repository.`,
    tooMuch: ({ code, details }: { code: string; details: string }) =>
      code === 'disk_limit'
        ? `The newest commit of ${branch} needs more than ${formatSize(diskBytes)} on disk. Keep the suite in a smaller repository, or push it: npx runlight push.`
        : details,
  };
  const said = await bounded(context, bounds, (bound) =>
    runProgram(
      {
        ...bound,
        limits: { ...context.limits, diskBytes },
        env: { ...context.env, ...installEnv, ...(token !== null && { RUNLIGHT_GIT_TOKEN: token }) },
      },
      { runDir, program: 'fetch.cjs', readOnly: certificatesOf(installEnv) },
    ),
  );
  const fetched = fetchedSuite.safeParse(said);
  if (!fetched.success) throw new SuiteFault(`The fetch was killed.\n${context.output.last.slice(-2_000)}`.trim());
  if (fetched.data.isKnown) {
    await sink.say(`${branch} is at ${fetched.data.commitSha}, which was fetched before`);
    return fetched.data;
  }
  const { bundle } = fetched.data;
  await sink.say(`${branch} is at ${[bundle.commitSha, bundle.commitMessage].filter(Boolean).join(' ')}`);
  const archive = path.join(runDir, 'taken/bundle.tar.gz');
  const file = path.join(sandbox.inside(runDir), 'output/bundle.tar.gz');
  const contentType = 'application/gzip';
  await takeFile({
    runDir,
    sandbox,
    file,
    name: file,
    contentType,
    to: archive,
    maxBytes: bundleLimits.bytes,
    redaction,
  });
  // What was asked for, whatever the program says.
  return { isKnown: false, bundle: { ...bundle, suite, branch, isDirty: false }, archive };
}

/** Throws a `SuiteFault` if the variable is not there. */
function tokenOf({ source: { url, tokenVariable }, variables }: FetchOptions): string | null {
  if (tokenVariable === null) return null;
  const token = variables?.values[tokenVariable];
  if (token !== undefined) return token;
  throw new SuiteFault(
    `The project has no variable ${tokenVariable}, which shall have the token for ${url}: set it as a secret variable.`,
  );
}

const formatMinutes = (ms: number) => (ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${ms / 1_000} s`);
