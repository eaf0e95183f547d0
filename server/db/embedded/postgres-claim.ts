import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { link, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export interface Holder {
  pid: number | undefined;
  host: string | undefined;
}

/**
 * Makes this process the only holder of `directory`, or returns the live process that holds it. The claim is a listening
 * socket. It ends when it is disposed of and when the process dies, because the kernel then closes the socket. It also
 * excludes processes in other containers, and needs no clock and no process table.
 *
 * Each holder's socket is `owner.N` with N rising. A process becomes the holder by creating the next number while the last
 * holder is dead. The highest number is never removed, so a slow process cannot create a number that was already used.
 */
export async function claimDirectory(directory: string): Promise<AsyncDisposable | { holder: Holder }> {
  for (;;) {
    const last = await lastNumber(directory);
    const holder = last === 0 ? undefined : await findHolder(ownerPath(directory, last));
    if (holder) return { holder };
    const claim = await tryClaim(directory, last + 1);
    if (claim) return claim;
  }
}

/** The longest file name that `claimDirectory` creates, in bytes. */
export const claimNameBytes = 'owner.1234567'.length;

async function tryClaim(directory: string, number: number): Promise<AsyncDisposable | undefined> {
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    // Destroyed once sent, so that a peer that never closes cannot delay the end of the claim.
    socket.end(JSON.stringify({ pid: process.pid, host: os.hostname() }), () => socket.destroy());
  });
  server.unref();
  // Between bind and listen a socket looks dead, so it gets its final name only once it listens.
  const draft = path.join(directory, `new.${randomBytes(4).toString('hex')}`);
  server.listen(draft);
  await once(server, 'listening');
  const claim = { [Symbol.asyncDispose]: () => close(server) };
  try {
    await link(draft, ownerPath(directory, number));
    await rm(draft);
    if ((await lastNumber(directory)) === number) {
      await removeOthers(directory, number);
      return claim;
    }
    await rm(ownerPath(directory, number), { force: true });
  } catch (error) {
    // EEXIST: another process was faster. ENOENT: another process is the holder and removed our draft.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EEXIST' && code !== 'ENOENT') {
      await close(server);
      throw error;
    }
  }
  await close(server);
  return undefined;
}

/** The process behind a socket; undefined if it is dead. A process that is too busy to answer is alive. */
async function findHolder(socketPath: string): Promise<Holder | undefined> {
  for (;;) {
    const answer = await ask(socketPath);
    if (answer === 'dead') return undefined;
    if (answer === 'busy') return { pid: undefined, host: undefined };
    // An empty answer: the process died or gave up its claim in the meantime.
    if (answer !== '') return JSON.parse(answer) as Holder;
  }
}

function ask(socketPath: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(socketPath);
    socket.setEncoding('utf8').setTimeout(2_000, () => {
      resolve('busy');
      socket.destroy();
    });
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve('dead');
      else if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') resolve('busy');
    });
    socket.on('close', () => resolve(text));
  });
}

async function lastNumber(directory: string): Promise<number> {
  const numbers = (await readdir(directory)).map((name) => Number(/^owner\.(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function removeOthers(directory: string, number: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^(owner|new)\./.test(name) && name !== `owner.${number}`)
      await rm(path.join(directory, name), { force: true });
  }
}

function ownerPath(directory: string, number: number): string {
  return path.join(directory, `owner.${number}`);
}

async function close(server: net.Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
