import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';

const startTimeoutMs = 15_000;

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of the server that runs now. */
  readonly pid: number;
  /** Kills the server, as a crash would; all its data is gone. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/**
 * Starts a real Redis without persistence on a free port of 127.0.0.1 and resolves when it answers. Disposing of it
 * kills it and removes its folder; it also dies with this process. `args` are added to its command line.
 */
export async function startRedis({ args = [] }: { args?: readonly string[] } = {}): Promise<TestRedis> {
  if (!isInstalled('redis-server'))
    throw new Error('redis-server is not installed. On Debian or Ubuntu: apt-get install redis-server');
  const dir = await mkdtemp(path.join(tmpdir(), 'runlight-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    if (server) throw new Error('Redis is running already');
    server = await startServer(dir, port, args);
  }

  async function stop(): Promise<void> {
    const stopped = server;
    server = undefined;
    if (!stopped || stopped.exitCode !== null || stopped.signalCode !== null) return;
    const exit = once(stopped, 'exit');
    stopped.kill('SIGKILL');
    await exit;
  }

  async function dispose(): Promise<void> {
    await stop();
    await rm(dir, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      if (!server?.pid) throw new Error('Redis is stopped');
      return server.pid;
    },
    start,
    stop,
    [Symbol.asyncDispose]: dispose,
  };
}

async function startServer(dir: string, port: number, args: readonly string[]): Promise<ChildProcess> {
  const command = ['redis-server', '--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir];
  command.push('--save', '', '--appendonly', 'no', '--daemonize', 'no', ...args);
  // Without this a test process that is killed would leave its server behind.
  if (isInstalled('setpriv')) command.unshift('setpriv', '--pdeathsig', 'KILL');
  const [program = '', ...rest] = command;
  const server = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-2_000)));
  const ended = new Promise<never>((_, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) => reject(new Error(`redis-server ended (${signal ?? code}):\n${output}`)));
  });
  ended.catch(() => {});
  const abort = new AbortController();
  try {
    await Promise.race([
      ended,
      untilAnswering(port, AbortSignal.any([abort.signal, AbortSignal.timeout(startTimeoutMs)])),
    ]);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  } finally {
    abort.abort();
  }
  return server;
}

async function untilAnswering(port: number, signal: AbortSignal): Promise<void> {
  while (!(await answers(port))) await delay(20, undefined, { signal });
}

/** True if a Redis on this port is ready; one that asks for a password is. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (reply) => {
      resolve(/^(\+PONG|-NOAUTH)/.test(String(reply)));
      socket.destroy();
    });
    socket.once('error', () => {});
    socket.once('close', () => resolve(false));
  });
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
