import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { installEnvironment } from '#server/config/install-environment.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { suiteReporter } from '#server/execution/suites/suite-reporter.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import { createTestClient } from '#server/testing/client.ts';
import { databaseUrl } from '#server/testing/database-url.ts';
import { startRunlight } from '#server/testing/process.ts';
import { builtCommand } from '#server/testing/run-command.ts';
import type { Environment } from './environment.ts';

const execute = promisify(execFile);

/** Processes that execute runs, and parts that each of them takes at once. */
const workers = 2;
const concurrency = 4;

export interface SuiteSystem {
  /** `runlight push` in the folder. */
  push(dir: string): Promise<{ suiteId: string; ms: number; sentBytes: number }>;
  /** From the start of a run to its verdict, as a watcher gets it. Throws if it does not pass. */
  run(suiteId: string, shards?: number): Promise<SuiteRun>;
}

export interface SuiteRun {
  ms: number;
  /** Of the first part: from its first phase to the one after its packages are there. */
  installMs: number;
}

/** Starts an API and workers with a folder of their own, which `stack` removes. */
export async function openSuiteSystem({ database, redisPort }: Environment, stack: CloseStack): Promise<SuiteSystem> {
  const browser = findBrowser({});
  if (!browser) throw new Error('There is no browser: run `npx playwright install chromium`.');
  suiteReporter();
  const command = builtCommand();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));
  const env = {
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl(database),
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redisPort),
    RUNNING_CAPACITY: String(workers * concurrency),
    WORKER_CONCURRENCY: String(concurrency),
    BROWSER_PATH: browser.executablePath,
    ...installEnvironment(),
  };
  const runlight = stack.use(await startRunlight({ ...env, ROLES: 'api' }));
  for (let worker = 0; worker < workers; worker += 1) stack.use(await startRunlight({ ...env, ROLES: 'worker' }));
  const { api, stream } = createTestClient(runlight);
  const access = [`RUNLIGHT_URL=${runlight.url}`, `RUNLIGHT_TOKEN=${runlight.headers.authorization.split(' ')[1]}`];
  return {
    async push(cwd) {
      const startedAt = performance.now();
      const { stdout } = await execute('env', [...access, process.execPath, command, 'push', '--json'], { cwd });
      const ms = performance.now() - startedAt;
      return { ...(JSON.parse(stdout) as { suiteId: string; sentBytes: number }), ms };
    },
    async run(suiteId, shards = 1) {
      const startedAt = performance.now();
      const { runId } = await api.suites.run.mutate({ suiteId, shards });
      const watched = stream((it) => it.runs.onStatus, { runId });
      await watched.ended;
      const ms = performance.now() - startedAt;
      const last = watched.data.at(-1)!;
      if (last.status !== 'passed') throw new Error(`the run ended as ${last.status}: ${last.errorDetails}`);
      const { parts } = await api.runs.byId.query({ runId });
      const phases = parts[0]!.phases ?? [];
      const at = (name: string) => Date.parse(phases.find(({ phase }) => phase === name)?.at ?? '');
      return { ms, installMs: at('sandbox') - at('install') };
    },
  };
}
