import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '#server/identity/caller.ts';

/** How callers get in: by the access token of a Runlight without accounts, or by accounts. */
export interface Authenticator {
  /** Names that requests may be addressed to. */
  hosts: HostRules;
  /** Signs what opens the artifacts of one run for a while. */
  urlSigningSecret: string;
  /**
   * Who sends the request; the same caller is the same object for as long as they keep their rights. `projectId`: the
   * project that they ask for, by default their own choice. Throws UNAUTHORIZED, and NOT_FOUND for a project that is not
   * theirs.
   */
  authenticate(req: IncomingMessage, projectId?: string | undefined): Caller | Promise<Caller>;
  /** Of these callers, those who may not do any more what they could; asks once for all of them. */
  findRevoked(callers: ReadonlySet<Caller>): Promise<ReadonlySet<Caller>>;
  /** Adds the routes by which people get in and out. */
  addRoutes(app: FastifyInstance): void;
}

export interface HostRules {
  /** `host` without port, in lower case. */
  allows(host: string): boolean;
  /** Of proxies in front: what browsers take for this server's origin, beside `scheme://host` as requests name it. */
  origins: ReadonlySet<string>;
  /** The addresses that people use, for messages; the setting that names them. */
  addresses: readonly string[];
  setting: 'BASE_URL' | 'PUBLIC_URL';
}
