import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { readEnv } from '#server/config/env.ts';
import { type RedisSettings, redisSettings } from '#server/config/redis-settings.ts';
import { freePort } from './free-port.ts';

const startTimeoutMs = 15_000;

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** Settings with which an operator names this Redis. */
  readonly env: Record<string, string>;
  readonly port: number;
  /** Process of the server that runs now. */
  readonly pid: number;
  /** Kills the server, as a crash would; all its data is gone. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/** Runlight's settings for an environment that names a Redis. */
export const redisOf = (env: Record<string, string>): RedisSettings => redisSettings(readEnv(env))!;

export interface TestRedisOptions {
  /** Added to the command line. */
  args?: readonly string[];
  /** The server accepts TLS only. The check that it answers uses these certificates. */
  tls?: ConnectionOptions;
  /** The server is a sentinel with this configuration. */
  sentinel?: string;
}

/**
 * Starts a real Redis without persistence on a free port of 127.0.0.1 and resolves when it answers. Disposing of it
 * kills it and removes its folder; it also dies with this process.
 */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  if (!isInstalled('redis-server'))
    throw new Error('redis-server is not installed. On Debian or Ubuntu: apt-get install redis-server');
  const dir = await mkdtemp(path.join(tmpdir(), 'runlight-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    if (server) throw new Error('Redis is running already');
    server = await startServer(dir, port, options);
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
  const url = `redis://127.0.0.1:${port}`;
  return {
    url,
    env: { REDIS_URL: url },
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

async function startServer(dir: string, port: number, options: TestRedisOptions): Promise<ChildProcess> {
  const { args = [], tls, sentinel } = options;
  const command = ['redis-server'];
  if (sentinel !== undefined) {
    const file = path.join(dir, 'sentinel.conf');
    await writeFile(file, sentinel);
    command.push(file, '--sentinel');
  }
  command.push(...(tls ? ['--port', '0', '--tls-port'] : ['--port']), `${port}`, '--bind', '127.0.0.1', '--dir', dir);
  if (sentinel === undefined) command.push('--save', '', '--appendonly', 'no');
  command.push('--daemonize', 'no', ...args);
  // Without this, a killed test process would leave its server behind.
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
      untilAnswering({ port, tls }, AbortSignal.any([abort.signal, AbortSignal.timeout(startTimeoutMs)])),
    ]);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  } finally {
    abort.abort();
  }
  return server;
}

type Entrance = { port: number; tls: ConnectionOptions | undefined };

async function untilAnswering(entrance: Entrance, signal: AbortSignal): Promise<void> {
  while (!(await answers(entrance))) await delay(20, undefined, { signal });
}

/** True if a Redis on this port is ready. A Redis that asks for a password counts as ready. */
function answers({ port, tls }: Entrance): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = () => socket.write('PING\r\n');
    const socket = tls ? connectTls({ port, host: '127.0.0.1', ...tls }, ping) : net.connect(port, '127.0.0.1', ping);
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
