import type { TestVariables } from '#server/variables/queries.ts';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEventBody } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import type { Browser } from './browser.ts';
import { defaultLimits, type RunLimits } from '#server/config/run-limits.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';
import { environmentOf } from '#server/execution/sandbox/environment.ts';
import { startProcess } from '#server/execution/sandbox/start-process.ts';
import { CaseSelection } from './case-selection.ts';
import { createRedaction } from './redaction.ts';
import type { StopReason } from './run-outcome.ts';
import { createRunRecord, type ExecutionResult } from './run-record.ts';
import type { Sandbox } from '#server/execution/sandbox/sandbox.ts';
import { playwrightModules } from './playwright-modules.ts';
import { type ScriptToRun, writeRunFolder } from './run-folder.ts';
import type { Supervisor } from '#server/execution/sandbox/supervisor.ts';

/** The reason to abort with when the worker stops. Any other reason means that a user has cancelled the run. */
export const shutdownReason = 'worker shutdown';

export interface ExecuteOptions {
  runId: string;
  /** An empty folder for this run. Without a sandbox, it should be in the system's temporary folder. */
  runDir: string;
  /** Positions are 0, 1, 2, … in order. */
  tests: readonly ScriptToRun[];
  /** Of the whole run. */
  timeoutMs: number;
  /** Between asking Playwright to stop and killing all processes of the run. */
  graceMs: number;
  /** Between asking Playwright to stop and killing scripts that go on all the same, in ms. Default: half of `graceMs`. */
  scriptGraceMs?: number;
  signal: AbortSignal;
  /** Called in order, and not after the promise has settled. */
  onEvent: (event: RunEventBody) => void;
  /** Called once, before events of cases: an event's index is that in this list. Scripts without cases have an empty title path. */
  onListed?: (cases: ListedCase[]) => void;
  /** The environment of scripts, in addition to path, home and language. */
  env: Record<string, string>;
  sandbox: Sandbox;
  browser: Browser | undefined;
  /** The folder of Playwright's compiled code (`findCompiledCode`). */
  compiledCode?: string | undefined;
  video: boolean;
  /** Part of the environment of scripts. Secret values are redacted in everything that scripts print or attach. */
  variables?: TestVariables;
  supervisor: Supervisor;
  limits?: Partial<RunLimits>;
}

const closeWaitMs = 1_000;

/**
 * Runs the tests in one Playwright process, and leaves report and artifacts in `runDir/output`. Settles when all processes of the
 * run have ended. Failures of scripts are in the result; rejects only if the run's folder cannot be written.
 */
export async function executePlaywright(options: ExecuteOptions): Promise<ExecutionResult> {
  const { runId, runDir, tests, sandbox, browser, compiledCode } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const insideDir = sandbox.inside(runDir);
  // `npm ci` removes it while the worker runs.
  const codeDir = compiledCode !== undefined && existsSync(compiledCode) ? compiledCode : undefined;
  const specs = await writeRunFolder({
    runDir,
    insideDir,
    tests,
    browser,
    video: options.video && browser?.ffmpeg !== undefined,
    limits,
    code: codeDir === undefined ? undefined : { dir: codeDir, isRecording: false },
  });
  const redaction = createRedaction(options.variables?.secrets ?? []);
  const record = createRunRecord({
    ...options,
    limits,
    redaction,
    onExceeded: (excess) => onExceeded(excess),
    onListed: (cases) => options.onListed?.(cases),
    selection: new CaseSelection(tests.map(({ choice }) => choice)),
    onChosen: (chosen) => child.send({ chosen }, () => {}),
    insideDir,
    specs,
  });
  if (options.video && browser?.ffmpeg === undefined) record.onMessage({ kind: 'no-video' });

  const packages = playwrightModules().map(({ dir }) => dir);
  const running = startProcess({
    runId,
    runDir,
    sandbox,
    supervisor: options.supervisor,
    limits,
    command: [process.execPath, path.join(insideDir, 'main.cjs')],
    env: environmentOf({ runId, insideDir, sandbox, env: options.env, limits }),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    readOnly: [...packages, ...(browser?.readOnly ?? []), ...(codeDir === undefined ? [] : [codeDir])],
    onExceeded,
  });
  record.beginPhase('sandbox');
  const { child, kill } = running;
  const closed = once(child, 'close').catch(() => {});
  let isReady = false;
  // The first message comes before any script is loaded.
  child.once('message', () => {
    isReady = true;
    child.send({ variables: options.variables?.values ?? {}, secrets: redaction.secrets }, () => {});
    record.beginPhase('compile');
    child.on('message', (message) => record.onMessage(message));
  });
  child.stderr!.on('data', record.onRunnerOutput);

  let graceTimer: NodeJS.Timeout | undefined;
  const stop = (reason: StopReason) => {
    if (graceTimer !== undefined) return;
    record.stopped(reason);
    if (!isReady) return kill();
    if (child.connected) child.send({ killAfterMs: options.scriptGraceMs ?? options.graceMs / 2 }, () => {});
    graceTimer = setTimeout(kill, options.graceMs);
  };
  const onAbort = () => stop(options.signal.reason === shutdownReason ? 'shutdown' : 'cancelled');
  function onExceeded(excess: Excess) {
    record.exceeded(excess);
    kill();
  }
  const timer = setTimeout(() => stop('timed_out'), options.timeoutMs);
  options.signal.addEventListener('abort', onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  try {
    const exit = await running.ended;
    await Promise.race([closed, delay(closeWaitMs, undefined, { ref: false })]);
    return await record.finish(exit);
  } finally {
    clearTimeout(timer);
    clearTimeout(graceTimer);
    running[Symbol.dispose]();
    options.signal.removeEventListener('abort', onAbort);
    if (child.connected) child.disconnect();
    child.stderr!.destroy();
  }
}
