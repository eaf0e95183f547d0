import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunEventBody } from '#shared/events.ts';
import type { TestSettings } from '#shared/test-settings.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { compiledCodeDir } from '#server/execution/playwright/compiled-code.ts';
import { executePlaywright, type ExecuteOptions } from '#server/execution/playwright/execute-playwright.ts';
import type { Baseline } from '#server/execution/playwright/run-folder.ts';
import type { ExecutionResult } from '#server/execution/playwright/run-record.ts';
import { noSandbox } from '#server/execution/sandbox/sandbox.ts';
import { createSupervisor } from '#server/execution/sandbox/supervisor.ts';

export interface Execution extends AsyncDisposable {
  outcome: ExecutionResult;
  events: RunEventBody[];
  /** What scripts printed. */
  output: string;
  runDir: string;
}

/** A script that uses `test`, `expect` and `body`; its tests may take as long as the machine needs. */
export function script(body: string): string {
  const noTimeout = 'test.describe.configure({ timeout: 0 });';
  return `import { test, expect } from '@playwright/test'; ${noTimeout}\n${body}\n`;
}

/** What a script has besides its text. */
interface ScriptParts {
  settings?: TestSettings;
  baselines?: readonly Baseline[];
}

/** Executes scripts, named by the keys, as one run. Disposing removes its folder. */
export async function executeScripts(
  scripts: Record<string, string | ({ script: string } & ScriptParts)>,
  overrides: Partial<ExecuteOptions> = {},
): Promise<Execution> {
  const runDir = await mkdtemp(path.join(tmpdir(), 'runlight-test-'));
  const events: RunEventBody[] = [];
  using supervisor = createSupervisor();
  const outcome = await executePlaywright({
    supervisor,
    runId: randomUUID(),
    runDir,
    tests: Object.entries(scripts).map(([name, given], position) => ({
      position,
      name,
      ...toScript(given),
    })),
    // Longer than a test may take.
    timeoutMs: 600_000,
    graceMs: 600_000,
    signal: new AbortController().signal,
    env: {},
    sandbox: noSandbox,
    browser: findBrowser({}),
    compiledCode: compiledCodeDir(),
    video: false,
    ...overrides,
    onEvent: (event) => {
      events.push(event);
      overrides.onEvent?.(event);
    },
  });
  const output = events.map((event) => (event.type === 'log' ? event.text : '')).join('');
  return { outcome, events, output, runDir, [Symbol.asyncDispose]: () => rm(runDir, { recursive: true, force: true }) };
}

function toScript(given: string | ({ script: string } & ScriptParts)) {
  if (typeof given === 'string') return { script: given };
  const { baselines = [], ...rest } = given;
  return { ...rest, baselines: async () => baselines };
}

/** Command lines of living processes that contain the text, on Linux. */
export async function commandsWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map(async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')),
  );
  return commands.filter((command) => command.includes(text));
}
