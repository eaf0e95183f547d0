import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '#server/identity/caller.ts';

/** Authenticates requests: by the access token of a Runlight without accounts, or by accounts. */
export interface Authenticator {
  /** Hosts that requests may name. */
  hosts: HostRules;
  /** Key of the signed URLs that open the artifacts of one run. */
  urlSigningSecret: string;
  /**
   * The caller of a request: the same object for as long as their permissions stay the same. `projectId`: by default, the
   * project that the request names. Throws UNAUTHORIZED, FORBIDDEN for a user without any project, and NOT_FOUND for a project
   * in which the caller has no role.
   */
  authenticate(req: IncomingMessage, projectId?: string | undefined): Caller | Promise<Caller>;
  /** The callers that have lost or changed permissions since they were authenticated. */
  findRevoked(callers: ReadonlySet<Caller>): Promise<ReadonlySet<Caller>>;
  /** Adds the routes to sign in and out. */
  addRoutes(app: FastifyInstance): void;
}

export interface HostRules {
  /** `host`: without port, in lower case. */
  allows(host: string): boolean;
  /** Origins that count as ours beside the host of the request: a proxy may have another one. */
  origins: ReadonlySet<string>;
  /** The addresses that people use, for messages; the setting that names them. */
  addresses: readonly string[];
  setting: 'BASE_URL' | 'PUBLIC_URL';
}
