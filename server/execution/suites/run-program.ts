import path from 'node:path';
import type { Readable } from 'node:stream';
import type { RunLimits } from '#server/config/run-limits.ts';
import { environmentOf } from '#server/execution/sandbox/environment.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';
import type { Mount } from '#server/execution/sandbox/mount.ts';
import type { Sandbox } from '#server/execution/sandbox/sandbox.ts';
import { startProcess } from '#server/execution/sandbox/start-process.ts';
import type { Supervisor } from '#server/execution/sandbox/supervisor.ts';
import { feed } from './feed.ts';
import type { SuiteOutput } from './suite-output.ts';
import { SuiteFault } from './suite-stop.ts';

/** What all programs of a suite have in common. */
export interface SuiteContext {
  runId: string;
  sandbox: Sandbox;
  supervisor: Supervisor;
  limits: RunLimits;
  /** Aborts with a `SuiteStopped`. */
  signal: AbortSignal;
  onExceeded: (excess: Excess) => void;
  output: SuiteOutput;
  /** Added to the environment that is built from nothing. */
  env: Record<string, string>;
}

/** Of what a program says. */
const mostSaid = 16_000_000;

/**
 * Runs one of our own programs of a folder to its end, with the bundle as its standard input if there is one, and resolves to what
 * it says on descriptor 3; undefined if it says nothing. Throws a `SuiteFault` that it names, and the signal's reason when that
 * aborts.
 */
export async function runProgram(
  context: SuiteContext,
  options: {
    runDir: string;
    program: string;
    bundleFile?: string;
    readOnly?: readonly string[];
    mounts?: readonly Mount[];
  },
): Promise<unknown> {
  const { signal, sandbox, output } = context;
  const { runDir, bundleFile, readOnly = [] } = options;
  signal.throwIfAborted();
  const insideDir = sandbox.inside(runDir);
  using running = startProcess({
    ...context,
    ...options,
    readOnly,
    command: [process.execPath, path.join(insideDir, options.program)],
    env: environmentOf({ ...context, insideDir }),
    stdio: [bundleFile === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const { child } = running;
  signal.addEventListener('abort', running.kill, { once: true });
  try {
    const [said, exit] = await Promise.all([
      readSaid(child.stdio[3] as Readable),
      running.ended,
      output.follow(child.stdout!, 'stdout'),
      output.follow(child.stderr!, 'stderr'),
      bundleFile === undefined ? undefined : feed(child.stdin!, bundleFile),
    ]);
    signal.throwIfAborted();
    if (exit.cause !== undefined) throw new Error(`Node cannot be started: ${exit.cause}`);
    const message = said === '' ? undefined : (JSON.parse(said) as { error?: unknown });
    if (typeof message?.error === 'string') throw new SuiteFault(message.error);
    return message;
  } finally {
    signal.removeEventListener('abort', running.kill);
    running.kill();
  }
}

async function readSaid(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= mostSaid) chunks.push(chunk);
  }
  return bytes > mostSaid ? '' : Buffer.concat(chunks).toString('utf8');
}
