import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createRunlight, type Runlight } from '#sdk/client/create-runlight.ts';
import { RunlightError } from '#sdk/client/errors.ts';

export interface OwnRunlightOptions {
  /** Where Runlight is installed and built: a clone, or `/app` of its image. */
  dir: string;
  /** Its settings, such as `{ BROWSER_PATH: '…' }`; it gets no others of this process but PATH and HOME. */
  env?: Record<string, string>;
  /** In ms; default 1 minute. */
  startTimeoutMs?: number;
}

export interface OwnRunlight {
  runlight: Runlight;
  url: string;
  token: string;
}

/**
 * Starts a Runlight with a database of its own on a free port, and ends it and removes its data when `use` has ended. Only
 * for this it takes an installed Runlight: the package has none. Throws a `RunlightError` with the code `NOT_STARTED`.
 */
export async function withRunlight<Result>(
  options: OwnRunlightOptions,
  use: (own: OwnRunlight) => Promise<Result>,
): Promise<Result> {
  const main = path.join(options.dir, 'dist/server/main.js');
  if (!(await stat(main).catch(() => undefined)))
    throw notStarted(`There is no built Runlight in ${options.dir}: run \`npm ci && npm run build\` there.`);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-own-'));
  const { PATH = '', HOME = dataDir } = globalThis.process.env;
  const child = spawn(globalThis.process.execPath, ['--enable-source-maps', main], {
    cwd: options.dir,
    env: {
      PATH,
      HOME,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      DEMO: '0',
      SHUTDOWN_TIMEOUT: '0',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const killWithUs = () => child.kill('SIGKILL');
  globalThis.process.once('exit', killWithUs);
  try {
    const { url, token } = await ready(child, options.startTimeoutMs ?? 60_000);
    return await use({ runlight: createRunlight({ url, token }), url, token });
  } finally {
    await end(child, exited);
    globalThis.process.off('exit', killWithUs);
    await rm(dataDir, { recursive: true, force: true });
  }
}

const notStarted = (message: string) => new RunlightError(message, { code: 'NOT_STARTED' });

/** Resolves to what it prints once it is ready. */
function ready(child: ChildProcess, timeoutMs: number): Promise<{ url: string; token: string }> {
  return new Promise((resolve, reject) => {
    let errors = '';
    const fail = (what: string) => reject(notStarted(`Runlight ${what}. ${errors.trim()}`.trim()));
    const timer = setTimeout(() => fail(`was not ready within ${timeoutMs / 1_000} s`), timeoutMs);
    child.stderr!.on('data', (chunk) => (errors = (errors + String(chunk)).slice(-4_000)));
    child.on('error', (error) => fail(`could not be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? signal} before it was ready`);
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const { url, token } = /Runlight is ready at (?<url>\S+?)\/\?token=(?<token>[^\s"]+)/.exec(line)?.groups ?? {};
      if (url === undefined || token === undefined) return;
      clearTimeout(timer);
      resolve({ url, token });
    });
  });
}

/** Lets it end; kills it if that takes too long. */
async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await exited;
  clearTimeout(timer);
}
