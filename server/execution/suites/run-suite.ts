import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { choiceArgs } from '#shared/suite-choice.ts';
import { suitePipeVariables } from '#shared/suite-pipe-limits.ts';
import { executablesOf } from '#server/execution/playwright/browser.ts';
import type { Redaction } from '#server/execution/playwright/redaction.ts';
import { environmentOf } from '#server/execution/sandbox/environment.ts';
import { excess } from '#server/execution/sandbox/excess.ts';
import { runIdVariable } from '#server/execution/sandbox/kill-processes.ts';
import type { Mount } from '#server/execution/sandbox/mount.ts';
import { startProcess } from '#server/execution/sandbox/start-process.ts';
import { exists } from '#server/lib/exists.ts';
import type { EntrySink } from './entry-sink.ts';
import type { ExecuteSuiteOptions } from './execute-suite.ts';
import { feed } from './feed.ts';
import { followReporter, interruptSuite } from './follow-reporter.ts';
import { PortFault } from './port-fault.ts';
import { NoMessage } from './read-messages.ts';
import type { SuiteContext } from './run-program.ts';
import { outcome, outcomeOfEnd, outcomeOfStop, type SuiteOutcome } from './suite-outcome.ts';
import { SuiteStopped } from './suite-stop.ts';
import { takeFile } from './take-file.ts';

export interface SuiteParts {
  sink: EntrySink;
  redaction: Redaction;
  mounts: readonly Mount[];
  /** Files that belong into the suite besides the bundle. */
  madeFile: string | undefined;
  /** Below `browsersDir`, each as `PLAYWRIGHT_BROWSERS_PATH`. */
  installedBrowsers: readonly string[];
}

/** Runs Playwright in a folder that has everything, and settles when all of its processes have ended. */
export async function runSuite(
  options: ExecuteSuiteOptions,
  context: SuiteContext,
  parts: SuiteParts,
): Promise<SuiteOutcome> {
  const { runId, runDir, sandbox, browser, browsersDir } = options;
  const { signal, output, limits } = context;
  signal.throwIfAborted();
  output.begin();
  const insideDir = sandbox.inside(runDir);
  const start = {
    args: argumentsOf(options),
    hasMade: parts.madeFile !== undefined,
    browsers: {
      registries: [...registriesOf(options), ...parts.installedBrowsers],
      programs: executablesOf(browser),
      worker: os.hostname(),
    },
  };
  await writeFile(path.join(runDir, 'start.json'), JSON.stringify(start));
  const variables = options.variables?.values ?? {};
  using running = startProcess({
    ...context,
    runDir,
    command: [process.execPath, path.join(insideDir, 'start.cjs')],
    env: {
      ...environmentOf({ ...context, insideDir }),
      ...variables,
      [runIdVariable]: runId,
      [suitePipeVariables.pipe]: '3',
      [suitePipeVariables.files]: path.join(insideDir, 'output'),
      ...(options.choice && { [suitePipeVariables.choice]: path.join(insideDir, 'choice.json') }),
    },
    stdio: [parts.madeFile === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
    readOnly: [...((await exists(browsersDir)) ? [browsersDir] : []), ...(browser?.readOnly ?? [])],
    mounts: parts.mounts,
  });
  parts.sink.begin('compile');
  const { child, kill } = running;
  const pipe = child.stdio[3] as Socket;
  // Playwright may end while a command is written.
  pipe.on('error', () => {});

  let graceTimer: NodeJS.Timeout | undefined;
  const onStop = () => {
    const { reason } = signal as { reason: unknown };
    if (!(reason instanceof SuiteStopped) || typeof reason.why !== 'string') return kill();
    interruptSuite(pipe, reason.by);
    graceTimer = setTimeout(kill, options.graceMs);
  };
  signal.addEventListener('abort', onStop, { once: true });
  if (signal.aborted) onStop();

  let hasBegun = false;
  let hasEndedFirst = false;
  let listed = 0;
  const portFault = new PortFault();
  const following = followReporter(pipe, {
    sink: parts.sink,
    onCases: (cases) => {
      listed += cases.length;
      if (listed > limits.cases) context.onExceeded(excess.cases(limits));
      else options.onCases?.(cases);
    },
    onEntry: (entry) => portFault.add(entry),
    onBegin: () => (hasBegun = true),
    onEnd: () => (hasEndedFirst = !signal.aborted),
    onFile: async ({ file, path: inside, entry }) => {
      const to = path.join(runDir, 'taken', randomUUID());
      const contentType = entry?.type === 'artifact' ? entry.contentType : '';
      await takeFile({
        ...parts,
        runDir,
        sandbox,
        file: inside,
        name: file,
        contentType,
        to,
        maxBytes: limits.fileBytes,
      });
      await options.onFile({ file: parts.redaction.redact(file), path: to }).finally(() => rm(to, { force: true }));
    },
  }).catch((error: unknown) => {
    if (error instanceof NoMessage) context.onExceeded(excess.forgery);
    kill();
    throw error;
  });
  try {
    const [end, exit] = await settled([
      following,
      running.ended,
      output.follow(child.stdout!, 'stdout'),
      output.follow(child.stderr!, 'stderr'),
      parts.madeFile === undefined ? undefined : feed(child.stdin!, parts.madeFile),
    ]);
    if (!signal.aborted || hasEndedFirst) {
      if (sandbox.network === 'host' && portFault.details !== undefined)
        return { ...outcome('failed', 'port_taken', portFault.details), report: end?.report ?? null };
      const printed = parts.redaction.redact(
        output.endWithout(/^ +at .*(node:internal|node_modules\/playwright).*\n?/gm),
      );
      return outcomeOfEnd({ end, hasBegun, exit, output: printed.replaceAll(`${insideDir}/home/suite/`, '') });
    }
    const { reason } = signal as { reason: unknown };
    if (!(reason instanceof SuiteStopped)) throw reason;
    return { ...outcomeOfStop(reason.why, options.timeoutMs), report: end?.report ?? null };
  } finally {
    clearTimeout(graceTimer);
    signal.removeEventListener('abort', onStop);
  }
}

/** As `Promise.all`, but settles when all have settled. */
async function settled<T extends readonly unknown[]>(promises: { [K in keyof T]: T[K] | Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as T;
}

/** Of Playwright's own command line. */
function argumentsOf({ bundle, options, shard, choice, onCases }: ExecuteSuiteOptions): string[] {
  const { name, ext } = path.parse(bundle.config);
  const filters = [...(options.files ?? []), ...(options.projects ?? []).map((project) => `--project=${project}`)];
  return [
    ...(choice ? choiceArgs(choice) : filters),
    `--config=${name}.runlight${ext}`,
    ...(options.grep === undefined ? [] : [`--grep=${options.grep}`]),
    ...(options.grepInvert === undefined ? [] : [`--grep-invert=${options.grepInvert}`]),
    ...(shard && !choice ? [`--shard=${shard.current}/${shard.total}`] : []),
    ...(onCases ? ['--list'] : []),
    ...(options.args ?? []),
  ];
}

/** Folders that may have browsers of the suite's version: the worker's own Playwright has some that fit one version only. */
export function registriesOf({ browsersDir, browser }: Pick<ExecuteSuiteOptions, 'browsersDir' | 'browser'>): string[] {
  const folders = (browser?.readOnly ?? []).filter((dir) => /^(firefox|webkit)-\d+$/.test(path.basename(dir)));
  return [...new Set([browsersDir, ...folders.map((dir) => path.dirname(dir))])];
}
