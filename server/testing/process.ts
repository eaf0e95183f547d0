import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');

interface LogLine {
  msg?: string;
  [field: string]: unknown;
}

export interface RunlightProcess extends AsyncDisposable {
  /** Of its API; empty for a worker. */
  url: string;
  /** What requests send to get in. */
  headers: { authorization: string };
  pid: number;
  /** Resolves when it has ended, to its exit code or the signal that ended it. */
  exit: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
  /** Of its log so far. */
  messages(): string[];
  /** The same as whole lines. */
  lines(): LogLine[];
  /** What it has written to standard error so far. */
  stderr(): string;
}

/** Starts Runlight as a process of its own with nothing but `env` set; does not wait for it to be ready. */
export function spawnRunlight(env: Record<string, string>): RunlightProcess & { ready: Promise<void> } {
  const child: ChildProcess = spawn(process.execPath, ['--enable-source-maps', 'dist/server/main.js'], {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: '0', DEMO: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  const lines: LogLine[] = [];
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk));
  const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const started: RunlightProcess & { ready: Promise<void> } = {
    url: '',
    headers: { authorization: '' },
    pid: child.pid!,
    exit,
    kill: (signal) => void child.kill(signal),
    messages: () => lines.map(({ msg = '' }) => msg),
    lines: () => lines,
    stderr: () => stderr,
    ready: new Promise((resolve, reject) => {
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const parsed = JSON.parse(line) as LogLine;
        lines.push(parsed);
        const { msg = '' } = parsed;
        const ready = /^Runlight is ready(?: at (?<url>.*)\/\?token=(?<token>.*))?$/.exec(msg);
        if (!ready) return;
        const { url = '', token = '' } = ready.groups ?? {};
        started.url = url;
        started.headers.authorization = `Bearer ${token}`;
        resolve();
      });
      void exit.then((code) => reject(new Error(`Runlight ended with ${code}: ${stderr}`)));
    }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
  started.ready.catch(() => {});
  return started;
}

/** Starts Runlight as a process of its own and resolves when it is ready. Disposing kills it. */
export async function startRunlight(env: Record<string, string>): Promise<RunlightProcess> {
  const started = spawnRunlight(env);
  await started.ready;
  return started;
}
