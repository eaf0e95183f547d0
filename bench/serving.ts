import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';

export interface ServerSettings {
  database: pg.PoolConfig;
  /** 0: without Redis, Postgres is the bus. */
  redisPort: number;
  pingIntervalMs: number;
  fallbackIntervalMs: number;
  /** Where OpenTelemetry sends to, for a contender that has it on. */
  collector?: string;
}

/** Opens Runlight's door, which no other contender has. */
export const accessToken = 'a-token-for-the-benchmark-and-nothing-else';

export const sseHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
};

/** For those that have no database to ask for the state. */
export const firstEvent = { status: 'running' };
export const firstFrame = `data: ${JSON.stringify(firstEvent)}\n\n`;

/** Contenders other than ours take the run from the end of the path. */
export function runIdOf(req: IncomingMessage): string {
  return req.url!.slice(req.url!.lastIndexOf('/') + 1);
}

/** Room for a herd of connections in the same tick. */
export const backlog = 4_096;

/** Resolves to the port. */
export async function listen(server: Server): Promise<number> {
  server.listen({ host: '127.0.0.1', port: 0, backlog });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
