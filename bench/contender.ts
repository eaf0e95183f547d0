import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type Call, callsTo } from './calls.ts';
import { type ContenderName, watchRequest } from './contenders.ts';
import type { GeneratorHandlers } from './generator.ts';
import type { ServerHandlers } from './server.ts';
import type { ServerSettings } from './serving.ts';

/** The part of the clients that is timed. Their process takes precedence over that of the others. */
const probeShare = 0.05;

export interface StartedContender extends AsyncDisposable {
  name: ContenderName;
  port: number;
  server: Call<ServerHandlers>;
  /** Most of the clients. */
  crowd: Call<GeneratorHandlers>;
  /** Some of the clients, in a process of their own that does not wait behind the crowd. */
  probes: Call<GeneratorHandlers>;
  /** Adds clients that watch the runs by turns; resolves when each has its first event. */
  connect(options: {
    runIds: string[];
    count: number;
    inFlight?: number;
    withProbes?: boolean;
    /** What a client sends first; default: that it watches the run's state. */
    request?: (runId: string) => string;
  }): Promise<void>;
  disconnect(): Promise<void>;
  /** Events that all clients together have got since the start. */
  count(): Promise<{ watchers: number; frames: number; crowdFrames: number; crowdCpuUs: number; probesCpuUs: number }>;
}

/**
 * Starts a contender's server and its clients, three processes. Disposing ends them. `profileDir` is where the server
 * leaves a CPU profile when it ends.
 */
export async function startContender(
  name: ContenderName,
  settings: ServerSettings,
  { profileDir }: { profileDir?: string | undefined } = {},
): Promise<StartedContender> {
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const children: ChildProcess[] = [];
  const spawn = (file: string, label: string, execArgv: string[], args: string[] = []) => {
    // Not with the source condition of this process: Runlight runs as it is built.
    const child = fork(path.join(import.meta.dirname, file), args, { execArgv: ['--import', 'tsx', ...execArgv] });
    children.push(child);
    return callsTo<never>(child, label);
  };
  const server = spawn(
    'server.ts',
    `the server of ${name}`,
    ['--expose-gc', ...profile],
    [name],
  ) as Call<ServerHandlers>;
  const crowd = spawn('generator.ts', `the clients of ${name}`, []) as Call<GeneratorHandlers>;
  const probes = spawn('generator.ts', `the probes of ${name}`, []) as Call<GeneratorHandlers>;

  async function dispose() {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, 'exit');
        if (child.connected) child.disconnect();
        const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await exit;
        clearTimeout(timer);
      }),
    );
  }

  try {
    const port = await server('start', settings);
    await crowd('yieldCpu', 10);
    return {
      name,
      port,
      server,
      crowd,
      probes,
      async connect({ runIds, count, inFlight = 100, withProbes = false, request }) {
        const requests = runIds.map(request ?? ((runId) => watchRequest(name, port, runId)));
        const options = { port, requests, inFlight, websocket: name === 'socket.io' };
        if (!withProbes) return crowd('connect', { ...options, count });
        // The probes stand evenly among the others, whatever the order in which the server writes.
        const turns = 10;
        const probing = Math.round((count * probeShare) / turns);
        for (let turn = 0; turn < turns; turn += 1) {
          await probes('connect', { ...options, count: probing });
          await crowd('connect', { ...options, count: Math.round(count / turns) - probing });
        }
      },
      async disconnect() {
        await Promise.all([crowd('disconnect'), probes('disconnect')]);
      },
      async count() {
        const [most, some] = await Promise.all([crowd('count'), probes('count')]);
        return {
          watchers: most.watchers + some.watchers,
          frames: most.frames + some.frames,
          crowdFrames: most.frames,
          crowdCpuUs: most.cpuUs,
          probesCpuUs: some.cpuUs,
        };
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
