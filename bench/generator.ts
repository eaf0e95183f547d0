// Clients of one contender in a process of its own: raw sockets that look for markers and do nothing else.
import net from 'node:net';
import os from 'node:os';
import { answerCalls } from './calls.ts';
import { markerBytes, markerLength, versionAt } from './marker.ts';

export interface ConnectOptions {
  port: number;
  /** Where the clients come from; default: 127.0.0.1. */
  localAddress?: string;
  /** What the clients send first, by turns. */
  requests: string[];
  count: number;
  /** Connections being made at a time. */
  inFlight: number;
  /** They speak socket.io over WebSocket. */
  websocket: boolean;
}

interface Watcher {
  socket: net.Socket;
  /** The newest version it has got. */
  version: number;
  isReady: boolean;
  /** The beginning of a marker; its end has not come yet. */
  rest: Buffer | undefined;
}

const input = Buffer.allocUnsafe(256 * 1024);
const statusBytes = Buffer.from('"status":"');
const frameOf = (text: string) => {
  // Masked, as clients must, with zeros.
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
};
const joinFrame = frameOf('40');
const pongFrame = frameOf('3');
const isPing = (bytes: Buffer) => bytes.length === 3 && bytes[0] === 0x81 && bytes[1] === 1 && bytes[2] === 0x32;

const watchers = new Set<Watcher>();
let frames = 0;
let lost = 0;
let nextRequest = 0;
let latencies: { version: number; atUs: number }[] | undefined;
let waiting: { isMet(): boolean; resolve(isMet: boolean): void } | undefined;

function settle() {
  if (!waiting?.isMet()) return;
  const { resolve } = waiting;
  waiting = undefined;
  resolve(true);
}

function take(watcher: Watcher, bytes: Buffer): void {
  let at = bytes.indexOf(markerBytes);
  while (at !== -1 && at + markerLength <= bytes.length) {
    frames += 1;
    watcher.version = versionAt(bytes, at);
    latencies?.push({ version: watcher.version, atUs: Number(process.hrtime.bigint() / 1_000n) });
    at = bytes.indexOf(markerBytes, at + markerLength);
  }
  // A marker may be cut in two.
  const from = at === -1 && bytes[bytes.length - 1] === markerBytes[0] ? bytes.length - 1 : at;
  watcher.rest = from === -1 ? undefined : Buffer.from(bytes.subarray(from));
}

function connect({ port, localAddress = '127.0.0.1', requests, websocket }: ConnectOptions): Promise<void> {
  return new Promise((resolve) => {
    const request = requests[nextRequest++ % requests.length]!;
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      localAddress,
      onread: {
        buffer: input,
        callback(length) {
          let bytes = input.subarray(0, length);
          if (watcher.rest) bytes = Buffer.concat([watcher.rest, bytes]);
          if (watcher.isReady) {
            if (websocket && isPing(bytes)) socket.write(pongFrame);
            take(watcher, bytes);
            settle();
          } else if (bytes.includes(statusBytes)) {
            watcher.isReady = true;
            resolve();
          } else if (websocket && bytes.includes('"upgrades"')) {
            socket.write(joinFrame);
          }
          return true;
        },
      },
    });
    const watcher: Watcher = { socket, version: 0, isReady: false, rest: undefined };
    watchers.add(watcher);
    socket.write(request);
    socket.on('error', () => {});
    socket.on('close', () => {
      if (watchers.delete(watcher)) lost += 1;
      resolve();
    });
  });
}

export type GeneratorHandlers = typeof handlers;
const handlers = {
  /** Resolves when every client has its first event. */
  async connect(options: ConnectOptions): Promise<void> {
    let begun = 0;
    async function connectOnes() {
      while (begun++ < options.count) await connect(options);
    }
    await Promise.all(Array.from({ length: options.inFlight }, connectOnes));
    if (lost > 0) throw new Error(`${lost} connections were closed by the server`);
  },

  /** Ends all connections. */
  async disconnect(): Promise<void> {
    const closed = [...watchers].map(
      ({ socket }) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
    );
    const sockets = [...watchers].map(({ socket }) => socket);
    watchers.clear();
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  },

  /** How many clients there are, how many events they have got, and what this process has taken of the CPU. */
  count() {
    const { user, system } = process.cpuUsage();
    return { watchers: watchers.size, frames, lost, cpuUs: user + system };
  },

  /**
   * Resolves to true as soon as this many events have come since the start, or every client has got this version; to
   * false after the time given.
   */
  waitFor({ frames: wanted, version, withinMs }: { frames?: number; version?: number; withinMs: number }) {
    return new Promise<boolean>((resolve) => {
      // Versions only rise, so a client that has reached this one need not be checked again.
      const remaining = watchers.values();
      let next = remaining.next();
      const isMet = () => {
        if (wanted !== undefined) return frames >= wanted;
        while (!next.done && next.value.version >= version!) next = remaining.next();
        return next.done === true;
      };
      const timer = setTimeout(() => {
        waiting = undefined;
        resolve(false);
      }, withinMs);
      waiting = {
        isMet,
        resolve(isMet) {
          clearTimeout(timer);
          resolve(isMet);
        },
      };
      settle();
    });
  },

  /** Begins to write down when events come. */
  recordArrivals(): void {
    latencies = [];
  },

  /** What has been written down, as the clock that all processes of the machine share tells it. */
  arrivals() {
    const recorded = latencies ?? [];
    latencies = undefined;
    return recorded;
  },

  /** Lets others go first on the CPU. */
  yieldCpu(niceness: number): void {
    os.setPriority(niceness);
  },
};
answerCalls(handlers);
