import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface RunningApp extends AsyncDisposable {
  /** Its origin. */
  url: string;
  /** The address that it printed, which lets whoever opens it in. */
  entrance: string;
  /** What programs send to get in. */
  headers: { authorization: string };
  /** Ends the process as a crash does. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with the same data. */
  start(): Promise<void>;
}

const program = path.resolve(import.meta.dirname, '../dist/server/main.js');

/**
 * Starts the built app with the sample tests, on a free port and with a data folder of its own. Disposing of it stops the
 * process and removes the folder. Throws with the app's output if it does not come up.
 */
export async function startApp(): Promise<RunningApp> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-e2e-'));
  let child = launch(dataDir, '0');
  const stop = async () => {
    await end(child, 'SIGTERM');
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const entrance = await readiness(child);
    const { origin: url, searchParams } = new URL(entrance);
    return {
      url,
      entrance,
      headers: { authorization: `Bearer ${searchParams.get('token')}` },
      kill: () => end(child, 'SIGKILL'),
      async start() {
        child = launch(dataDir, new URL(url).port);
        await readiness(child);
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function launch(dataDir: string, port: string): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', program], {
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: port,
      DATA_DIR: dataDir,
      DEMO: '1',
      SHUTDOWN_TIMEOUT: '0',
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
