import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface RunningProcess extends AsyncDisposable {
  /** Its origin. */
  url: string;
  /** The address that it printed, which lets whoever opens it in. */
  entrance: string;
  /** Ends the process as a crash does. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with the same data. */
  start(): Promise<void>;
}

export interface RunningApp extends RunningProcess {
  /** What programs send to get in. */
  headers: { authorization: string };
  /** Another process that answers users, while this one goes on to execute runs. */
  startApi(): Promise<RunningProcess>;
}

const program = path.resolve(import.meta.dirname, '../dist/server/main.js');

/**
 * Starts the built app with the sample tests, on a free port and with a data folder of its own. Disposing of it stops the
 * process and removes the folder. Throws with the app's output if it does not come up.
 */
export async function startApp({
  accounts = false,
  settings = () => ({}),
}: {
  accounts?: boolean;
  /** What else is set in the environment of an app with accounts, given its address. */
  settings?: (baseUrl: string) => Record<string, string> | Promise<Record<string, string>>;
} = {}): Promise<RunningApp> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-e2e-'));
  const env = accounts ? accountsEnv(await freePort()) : undefined;
  const process = start(dataDir, env && { ...env, ...(await settings(env.BASE_URL)) });
  const stop = async () => {
    await process.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const entrance = await process.ready;
    const { origin: url, searchParams } = new URL(entrance);
    return {
      url,
      entrance,
      headers: { authorization: `Bearer ${searchParams.get('token')}` },
      kill: process.kill,
      start: process.restart,
      async startApi() {
        // Where the first process has its Postgres.
        const database = `postgres://runlight@localhost/runlight?host=${encodeURIComponent(path.join(dataDir, 'run'))}`;
        const api = start(dataDir, { ROLES: 'api', DATABASE_URL: database });
        const entrance = await api.ready;
        return {
          url: new URL(entrance).origin,
          entrance,
          kill: api.kill,
          start: api.restart,
          [Symbol.asyncDispose]: api.stop,
        };
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function start(dataDir: string, env: Record<string, string> = {}) {
  let child = launch(dataDir, { PORT: '0', ...env });
  const ready = readiness(child);
  return {
    ready,
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
    async restart() {
      child = launch(dataDir, { ...env, PORT: new URL(await ready).port });
      await readiness(child);
    },
  };
}

/** The address of a Runlight with accounts is known before it starts. */
const accountsEnv = (port: number) => ({
  PORT: String(port),
  BASE_URL: `http://127.0.0.1:${port}`,
  AUTH_SECRET: 'a secret of 32 characters or more, for tests',
  SSE_FALLBACK_INTERVAL: '1000',
  SANDBOX: 'auto',
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function launch(dataDir: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', program], {
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: dataDir,
      DEMO: '1',
      SHUTDOWN_TIMEOUT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The address that the app says it listens on. */
function readiness(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /ready at (http:\/\/[^\s"]+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the app ended with code ${code} before it was ready:\n${output}`)));
  });
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await ended;
  clearTimeout(timer);
}
