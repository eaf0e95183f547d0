import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { RunningApp } from './running-app.ts';

const player = path.join(import.meta.dirname, 'play-large-run.ts');

/**
 * Plays a run of 3,000 cases in four parts, and `before` runs before it. A live one goes on from the part of it (0 to 1) that is
 * over. Resolves to its id and a function that stops the player.
 */
export async function playLargeRun(
  app: RunningApp,
  testId: string,
  { before = 1, liveFrom }: { before?: number; liveFrom?: number } = {},
): Promise<{ runId: string; stop: () => void }> {
  const mode = liveFrom === undefined ? ['finished'] : ['live', `${liveFrom}`];
  const program = ['--conditions=runlight-source', '--import', 'tsx', player];
  const args = [...program, app.dataDir, testId, '3000', `${before}`, ...mode];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [Buffer | number];
  if (!Buffer.isBuffer(printed)) throw new Error(`The player ended with ${printed}`);
  return { runId: printed.toString().trim(), stop: () => void child.kill('SIGTERM') };
}
