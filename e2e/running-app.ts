import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface RunningProcess extends AsyncDisposable {
  /** Its origin. */
  url: string;
  /** The address that it printed. It contains the access token. */
  entrance: string;
  /** Kills the process, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with the same data. */
  start(): Promise<void>;
}

export interface RunningApp extends RunningProcess {
  /** The folder with its database. */
  dataDir: string;
  /** Headers of a program with the access token. */
  headers: { authorization: string };
  /** Starts a second API process, while this one goes on to execute runs. */
  startApi(): Promise<RunningProcess>;
}

/** A limit for fixtures that start the app, far above the time that a slow or busy machine takes. */
export const startTimeoutMs = 600_000;

const program = path.resolve(import.meta.dirname, '../dist/server/main.js');

/**
 * Starts the built app with the sample tests, on a free port and with a data folder of its own. Disposing of it stops the
 * process and removes the folder. Throws with the app's output if the app does not start.
 */
export async function startApp({
  accounts = false,
  settings = () => ({}),
}: {
  accounts?: boolean;
  /** More environment variables of an app with accounts, given its address. */
  settings?: (baseUrl: string) => Record<string, string> | Promise<Record<string, string>>;
} = {}): Promise<RunningApp> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-e2e-'));
  const env = accounts ? accountsEnv(await freePort()) : undefined;
  const { ready, stop, ...controls } = launch(dataDir, env && { ...env, ...(await settings(env.BASE_URL)) });
  const dispose = async () => {
    await stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const { url, entrance } = await ready;
    return {
      url,
      entrance,
      dataDir,
      ...controls,
      headers: { authorization: `Bearer ${new URL(entrance).searchParams.get('token')}` },
      async startApi() {
        // The address of the first process's Postgres.
        const database = `postgres://runlight@localhost/runlight?host=${encodeURIComponent(path.join(dataDir, 'run'))}`;
        const { ready, stop, ...controls } = launch(dataDir, { ROLES: 'api', DATABASE_URL: database });
        return { ...(await ready), ...controls, [Symbol.asyncDispose]: stop };
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Starts a process of the app. `start` starts it again on the port that it has had. */
function launch(dataDir: string, env: Record<string, string> = {}) {
  let child = spawnApp(dataDir, { PORT: '0', ...env });
  const ready = whenReady(child);
  return {
    ready,
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
    async start() {
      child = spawnApp(dataDir, { ...env, PORT: new URL((await ready).url).port });
      await whenReady(child);
    },
  };
}

/** With accounts, the app must know its address before it starts. */
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

function spawnApp(dataDir: string, env: Record<string, string>): ChildProcess {
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

/** The address that the app prints once it listens. */
function whenReady(child: ChildProcess): Promise<{ url: string; entrance: string }> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const entrance = /ready at (http:\/\/[^\s"]+)/.exec(output)?.[1];
      if (entrance) resolve({ url: new URL(entrance).origin, entrance });
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The app exited with code ${code} before it was ready:\n${output}`)));
  });
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
