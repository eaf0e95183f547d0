import type { ReadStream, WriteStream } from 'node:tty';

/** What the command line gets of its process. Nothing else of it reads the environment or writes to a stream. */
export interface Host {
  /** Arguments after the name of the command. */
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  stdin: ReadStream;
  stdout: WriteStream;
  stderr: WriteStream;
}

/** True in a CI. Its console cannot be redrawn, even where it is a terminal. */
export function isInCi({ env }: Host): boolean {
  const { CI } = env;
  return env['GITHUB_ACTIONS'] === 'true' || (CI !== undefined && !['', '0', 'false'].includes(CI.toLowerCase()));
}

/** True if a person can see a screen that is redrawn, and answer questions. */
export function isInteractive(host: Host): boolean {
  return host.stdin.isTTY && host.stdout.isTTY && host.env['TERM'] !== 'dumb' && !isInCi(host);
}

/** Resolves when all that was written has left the process. */
export async function flush({ stdout, stderr }: Host): Promise<void> {
  for (const stream of [stdout, stderr]) await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
