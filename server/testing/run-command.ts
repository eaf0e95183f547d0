import { spawn } from 'node:child_process';
import path from 'node:path';
import { appDir } from '#server/config/installation.ts';
import { builtPackage } from './built-package.ts';
import { eventually } from './eventually.ts';

/** The bin `runlight` of the built package. */
export function builtCommand(): string {
  builtPackage();
  return path.join(appDir, 'dist/package/cli.js');
}

export interface CommandOptions {
  env?: Record<string, string>;
  /** Its standard input; it ends at once. */
  input?: string;
  cwd?: string;
}

export interface StartedCommand {
  /** What it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has printed this on stdout or stderr. */
  hasPrinted(text: string): Promise<void>;
  ended: Promise<{ stdout: string; stderr: string; exitCode: number | null }>;
}

/** Starts the built command without a terminal, and with no settings but these. */
export function startCommand(args: string[], { env = {}, input = '', cwd }: CommandOptions = {}): StartedCommand {
  const child = spawn(process.execPath, [builtCommand(), ...args], {
    env: { PATH: process.env.PATH, HOME: '/nowhere', ...env },
    ...(cwd && { cwd }),
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (printed.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (printed.stderr += String(chunk)));
  child.stdin.on('error', () => {}).end(input);
  const ended = new Promise<Awaited<StartedCommand['ended']>>((resolve) => {
    child.on('close', (exitCode) => resolve({ ...printed, exitCode }));
  });
  return {
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    kill: (signal) => void child.kill(signal),
    hasPrinted: (text) =>
      eventually(
        () => {
          if (!(printed.stdout + printed.stderr).includes(text))
            throw new Error(`"${text}" was not printed: ${printed.stdout}${printed.stderr}`);
        },
        { withinMs: 60_000 },
      ),
    ended,
  };
}

export function runCommand(args: string[], options?: CommandOptions) {
  return startCommand(args, options).ended;
}
