import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEventBody } from '#shared/events.ts';
import type { Browser } from './browser.ts';
import { awaitEnd, killLeftovers, killQuietly, killUser, runMark } from '#server/execution/sandbox/kill-processes.ts';
import { defaultLimits, type RunLimits } from '#server/config/run-limits.ts';
import { type Excess, processLimits } from '#server/execution/sandbox/run-limits.ts';
import { childrenOf } from '#server/execution/sandbox/process-table.ts';
import { createRedaction } from './redaction.ts';
import { createRunRecord, type Exit, type Outcome, type StopReason } from './run-record.ts';
import { type Sandbox, writableDirs } from '#server/execution/sandbox/sandbox.ts';
import { playwrightModules } from './playwright-modules.ts';
import { writeRunFolder } from './run-folder.ts';
import type { Supervisor } from '#server/execution/sandbox/supervisor.ts';

export type { Artifact, Outcome } from './run-record.ts';

/** Abort the signal with this reason when the worker goes away; any other reason means that a user cancelled. */
export const shutdownReason = 'worker shutdown';

export interface ExecuteOptions {
  runId: string;
  /** Exists and is empty; belongs to this run until it is over. Without a sandbox, it should lie in the system's temporary folder. */
  runDir: string;
  /** Positions are 0, 1, 2, … in order. */
  tests: readonly { position: number; name: string; script: string }[];
  /** For the run as a whole. */
  timeoutMs: number;
  /** Between asking Playwright to stop and killing everything. */
  graceMs: number;
  signal: AbortSignal;
  /** Called in order, never after the returned promise settles. */
  onEvent: (event: RunEventBody) => void;
  /** What scripts find in `process.env`, beside a path, a home and a language. */
  env: Record<string, string>;
  sandbox: Sandbox;
  browser: Browser | undefined;
  /** Where compiled code of Playwright is, if it can be trusted (`findCompiledCode`). */
  compiledCode?: string | undefined;
  video: boolean;
  /** What scripts find in `process.env` as well, and nobody else may read: it is blotted out wherever they print it. */
  variables?: Readonly<Record<string, string>>;
  supervisor: Supervisor;
  /** What is not named has its default. */
  limits?: Partial<RunLimits>;
}

const closeWaitMs = 1_000;
const maxSteps = 5_000;

/**
 * Runs the tests in one Playwright process and leaves reports in `runDir/output`. Settles only when nothing of the run is alive
 * any more. What scripts do wrong is in the outcome; it rejects only if the run's folder cannot be written.
 */
export async function executePlaywright(options: ExecuteOptions): Promise<Outcome> {
  const { runId, runDir, tests, sandbox, browser, compiledCode } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const insideDir = sandbox.inside(runDir);
  const ffmpeg = options.video ? browser?.ffmpeg : undefined;
  // It goes with the packages when they are installed anew under a worker that goes on.
  const codeDir = compiledCode !== undefined && existsSync(compiledCode) ? compiledCode : undefined;
  const specs = await writeRunFolder({
    runDir,
    insideDir,
    tests,
    browser,
    video: ffmpeg !== undefined,
    limits,
    maxSteps,
    code: codeDir === undefined ? undefined : { dir: codeDir, isRecording: false },
  });
  const redaction = createRedaction(Object.values(options.variables ?? {}));
  const record = createRunRecord({
    ...options,
    limits,
    redact: redaction.redact,
    onExceeded: (excess) => onExceeded(excess),
    hasBrowser: browser !== undefined,
    insideDir,
    specs,
  });
  if (options.video && !ffmpeg)
    record.say('Videos are not recorded: run `npx playwright install ffmpeg` on the worker.\n');

  const packages = playwrightModules().map(({ dir }) => dir);
  const readOnly = [process.execPath, ...packages, ...(browser?.readOnly ?? [])];
  if (codeDir) readOnly.push(codeDir);
  if (ffmpeg) readOnly.push(ffmpeg.dir);
  const limit = processLimits(limits, { ownUser: sandbox.kind !== 'none' });
  const [program, ...rest] = [...limit, process.execPath, path.join(insideDir, 'main.cjs')];
  const { command, args, uid } = sandbox.wrap(program!, rest, { runDir, readOnly });
  const child = spawn(command, args, {
    cwd: path.join(runDir, 'home'),
    env: environment(options, limits, insideDir, ffmpeg?.registryDir),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  const over = ended(child);
  const closed = once(child, 'close').catch(() => {});
  let first: number | undefined;
  child.once('message', () => {
    // It is ready, and scripts come later.
    if (sandbox.kind === 'bubblewrap') [first] = childrenOf(child.pid!);
    child.send({ variables: options.variables ?? {}, secrets: redaction.secrets }, () => {});
    child.on('message', (message) => record.onMessage(message));
  });
  child.stderr!.on('data', record.onRunnerOutput);

  const kill = () => child.pid !== undefined && killQuietly(-child.pid);
  let graceTimer: NodeJS.Timeout | undefined;
  const stop = (reason: StopReason) => {
    if (graceTimer !== undefined) return;
    record.stopped(reason);
    if (child.connected) child.send({ killAfterMs: options.graceMs / 2 }, () => {});
    graceTimer = setTimeout(kill, options.graceMs);
  };
  const onAbort = () => stop(options.signal.reason === shutdownReason ? 'shutdown' : 'cancelled');
  function onExceeded(excess: Excess) {
    record.exceeded(excess);
    kill();
  }
  const timer = setTimeout(() => stop('timed_out'), options.timeoutMs);
  const watch = options.supervisor.watch({
    scope: uid === undefined ? { root: child.pid ?? 0 } : { uid },
    dirs: writableDirs.map((name) => path.join(runDir, name)),
    limits,
    onExceeded,
  });
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  try {
    const exit = await over;
    // Whatever the scripts have started would keep the pipes open, and could go on writing files.
    kill();
    if (uid !== undefined) await killUser(uid);
    else if (first !== undefined) await awaitEnd(first);
    else if (sandbox.kind === 'none') await killLeftovers(runId);
    await Promise.race([closed, delay(closeWaitMs, undefined, { ref: false })]);
    return await record.outcome(exit);
  } finally {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    watch[Symbol.dispose]();
    options.signal.removeEventListener('abort', onAbort);
    if (child.connected) child.disconnect();
    child.stderr!.destroy();
  }
}

function ended(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, cause: error.message });
    });
  });
}

function environment(
  { runId, env, sandbox }: ExecuteOptions,
  { heapMb }: RunLimits,
  insideDir: string,
  registryDir: string | undefined,
): Record<string, string> {
  const home = path.join(insideDir, 'home');
  return {
    LANG: 'C.UTF-8',
    TZ: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...env,
    PATH: [...new Set(['/usr/local/bin', '/usr/bin', '/bin', path.dirname(process.execPath)])].join(':'),
    ...(registryDir !== undefined && { PLAYWRIGHT_BROWSERS_PATH: registryDir }),
    HOME: home,
    TMPDIR: sandbox.kind === 'bubblewrap' ? '/tmp' : path.join(insideDir, 'tmp'),
    NODE_OPTIONS: `--max-old-space-size=${heapMb}`,
    FORCE_COLOR: '0',
    [runMark]: runId,
  };
}
