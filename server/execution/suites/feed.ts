import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes a file of the worker to the standard input of a program, as far as that reads it. A program that had the open file could
 * open it again, to write, if it has the worker's user.
 */
export async function feed(input: Writable, file: string): Promise<void> {
  // A program that is killed, or has what it needs, closes its end.
  await pipeline(createReadStream(file), input).catch(() => {});
}
