import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Terminal } from '@xterm/headless';
import { eventually } from './eventually.ts';
import { builtCommand } from './run-command.ts';

export interface TestTerminal extends AsyncDisposable {
  /** The lines that the screen shows now. */
  screen(): Promise<string[]>;
  /** The same with those that have scrolled out of it. */
  everything(): Promise<string[]>;
  /** Bytes that the command has sent. */
  bytes(): number;
  /** All that it has sent, as it was sent. */
  output(): string;
  type(keys: string): void;
  resize(columns: number, rows: number): Promise<void>;
  /** Resolves to the lines of the screen once they contain this text. */
  shows(text: string): Promise<string[]>;
  /** Its exit code. */
  ended: Promise<number | null>;
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Runs the built command in a pseudo terminal, which `script` of util-linux makes, and renders it as a terminal does. */
export async function startInTerminal(
  args: string[],
  {
    env = {},
    cwd,
    columns = 100,
    rows = 30,
  }: { env?: Record<string, string>; cwd?: string; columns?: number; rows?: number } = {},
): Promise<TestTerminal> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-terminal-'));
  const tty = path.join(dir, 'tty');
  const command = [process.execPath, builtCommand(), ...args].map(quoted).join(' ');
  const child = spawn(
    'script',
    ['-qfec', `stty cols ${columns} rows ${rows}; tty > ${quoted(tty)}; exec ${command}`, '/dev/null'],
    {
      env: { PATH: process.env.PATH, HOME: '/nowhere', TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
      ...(cwd && { cwd }),
    },
  );
  const terminal = new Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  let bytes = 0;
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    output += chunk.toString('latin1');
    terminal.write(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  // What was written before is drawn when this is called back.
  const drawn = () => new Promise<void>((resolve) => terminal.write('', resolve));
  const lines = async (from: (buffer: Terminal['buffer']['active']) => number) => {
    await drawn();
    const { active } = terminal.buffer;
    const all = Array.from({ length: active.length }, (_, index) => active.getLine(index)!.translateToString(true));
    return all.slice(from(active));
  };
  const screen = () => lines((active) => active.baseY);
  return {
    screen,
    everything: () => lines(() => 0),
    bytes: () => bytes,
    output: () => output,
    type: (keys) => void child.stdin.write(keys),
    async resize(toColumns, toRows) {
      const device = (await readFile(tty, 'utf8')).trim();
      terminal.resize(toColumns, toRows);
      const stty = spawn('stty', ['-F', device, 'cols', String(toColumns), 'rows', String(toRows)]);
      await new Promise((resolve) => stty.on('close', resolve));
    },
    shows: (text) =>
      eventually(
        async () => {
          const shown = await screen();
          if (!shown.join('\n').includes(text)) throw new Error(`"${text}" is not shown:\n${shown.join('\n')}`);
          return shown;
        },
        { withinMs: 60_000 },
      ),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      terminal.dispose();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
